"""Follows what a conversation does about its turns."""

import asyncio
from collections.abc import AsyncIterator

from temporalio.client import WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode

from workflow_activities.models import Event, Report
from workflow_activities.workflows.conversation import ConversationWorkflow

Handle = WorkflowHandle[ConversationWorkflow, Report]


async def events_until_the_end(handle: Handle) -> AsyncIterator[Event]:
    """Yield the events of a conversation as they come, until its run has ended, well or not."""
    end = asyncio.ensure_future(handle.result())
    shown: set[tuple[str, int]] = set()
    ended = False
    while not ended:
        ended = bool((await asyncio.wait([end], timeout=0.2))[0])
        for event in await _events(handle):
            if (event.kind, event.number) not in shown:
                shown.add((event.kind, event.number))
                yield event


async def _events(handle: Handle) -> list[Event]:
    """Return the events so far; none while no worker is up to tell."""
    try:
        return await handle.query(ConversationWorkflow.get_events)
    except RPCError as error:
        if error.status is not RPCStatusCode.CANCELLED:  # what the client calls its timeout
            raise
    return []
