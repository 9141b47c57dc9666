"""Prints the answers of a conversation, and what it added to the history in each place."""

import asyncio
from collections.abc import Mapping
from typing import NamedTuple, get_args

from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHandle

from conversations.workflows.session import Place, SessionWorkflow

Handle = WorkflowHandle[SessionWorkflow, list[str]]

PLACES: tuple[Place, ...] = get_args(Place)


class Size(NamedTuple):
    """The size of a history: bytes, events, and activities."""

    history_bytes: int
    events: int
    activities: int


async def print_report(handles: Mapping[Place, Handle]) -> None:
    """Wait until all runs have closed; print the answers of the first, and the sizes of all.

    Raises:
        WorkflowFailureError: A run failed.
    """
    runs = [handle.result() for handle in handles.values()]
    outcomes = await asyncio.gather(*runs, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
    answers = await next(iter(handles.values())).result()
    print("\n".join(dict.fromkeys(answers)))  # each once, even if questions are repeated
    print(f"\n{'place':<10}{'history':>10}{'events':>8}{'activities':>12}")
    for place, handle in handles.items():
        size = await size_of(handle)
        kilobytes = f"{size.history_bytes / 1000:.1f} kB"
        print(f"{place:<10}{kilobytes:>10}{size.events:>8}{size.activities:>12}")


async def size_of(handle: Handle) -> Size:
    """Return the size of a run's history."""
    info = (await handle.describe()).raw_description.workflow_execution_info
    events = (await handle.fetch_history()).events
    scheduled = EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
    activities = sum(event.event_type == scheduled for event in events)
    return Size(info.history_size_bytes, len(events), activities)
