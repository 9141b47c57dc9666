"""Pending calls of all workflows: found by search attribute, read by query, decided by update."""

from durable_agents import query_if_available

import asyncio
import logging
import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from pydantic import BaseModel, Field
from temporalio.client import Client, WorkflowExecution, WorkflowQueryFailedError
from temporalio.service import RPCError, RPCStatusCode

from human_in_the_loop import TASK_QUEUE
from human_in_the_loop.deciding import DecisionRefused, decide
from human_in_the_loop.models import Decision, DecisionRequest, PendingCall
from human_in_the_loop.search_attribute import KEY
from human_in_the_loop.workflows.approvals import ApprovalsWorkflow

MAX_WORKFLOWS = 200
MAX_QUERIES = 50  # in flight
TIMEOUT = timedelta(seconds=5)
TOOL = re.compile(r"[A-Za-z0-9_-]{0,64}")
"""A tool's name; nothing else may be part of a visibility query."""

_logger = logging.getLogger(__name__)


class Unavailable(Exception):
    """No server or no worker answered in time. The outcome of a decision is unknown."""


class InboxItem(PendingCall):
    """A pending call, and its workflow."""

    workflow_id: str


class Listing(BaseModel):
    """The pending calls that match a filter, oldest first."""

    approvals: list[InboxItem]
    unanswered: int = Field(description="Pending calls of workflows that no worker answers for")
    not_listed: int = Field(description="Workflows beyond the limit of the list")


class Inbox:
    """Lists and decides pending calls.

    Every workflow can take part that sets the search attribute, and has the query
    `get_pending_approvals` and the update `decide`.

    Args:
        client: A Temporal client.
        timeout: The time limit of a request.
    """

    def __init__(self, client: Client, timeout: timedelta = TIMEOUT) -> None:
        self._client, self._timeout = client, timeout

    async def pending(self, tool: str = "", min_age: timedelta = timedelta()) -> Listing:
        """Return the calls of `tool`, or of all tools, that have been pending for `min_age`.

        Raises:
            Unavailable: Temporal did not answer.
        """
        matching = f"{KEY.name} IS NOT NULL AND ExecutionStatus = 'Running'"
        if tool and TOOL.fullmatch(tool):
            matching += f" AND {KEY.name} = 'tool:{tool}'"
        try:
            async with asyncio.timeout(self._timeout.total_seconds()):
                workflows = self._client.list_workflows(matching, limit=MAX_WORKFLOWS)
                found = [workflow async for workflow in workflows]
                total = (await self._client.count_workflows(matching)).count
        except (TimeoutError, RPCError) as error:
            raise Unavailable from error
        items, unanswered = await self._read(found)
        latest = datetime.now(UTC) - min_age
        shown = [i for i in items if i.requested_at <= latest and tool in ("", i.tool)]
        return Listing(
            approvals=sorted(shown, key=lambda item: item.requested_at),
            unanswered=unanswered,
            not_listed=max(0, total - len(found)),
        )

    async def decide(self, workflow_id: str, request: DecisionRequest) -> Decision:
        """Send a decision; return it as it was recorded.

        Raises:
            DecisionRefused: It was not accepted; says who decided instead, or what is wrong.
            Unavailable: No worker answered in time; the outcome is unknown.
        """
        handle = self._client.get_workflow_handle_for(ApprovalsWorkflow.run, workflow_id)
        try:
            async with asyncio.timeout(self._timeout.total_seconds()):
                return await decide(handle, request)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                raise DecisionRefused("UnknownCall", f"no workflow {workflow_id!r}") from None
            raise Unavailable from error
        except TimeoutError as error:
            raise Unavailable from error

    async def start(self, request: str) -> str:
        """Start a workflow, to have something to decide on; return its id.

        Raises:
            Unavailable: Temporal did not answer.
        """
        id = f"human-in-the-loop-approvals-{uuid4().hex[:8]}"
        start, timeout = self._client.start_workflow, self._timeout
        try:
            await start(
                ApprovalsWorkflow.run, request, id=id, task_queue=TASK_QUEUE, rpc_timeout=timeout
            )
        except RPCError as error:
            raise Unavailable from error
        return id

    async def _read(self, found: list[WorkflowExecution]) -> tuple[list[InboxItem], int]:
        """Return the pending calls of workflows, and how many calls could not be read in time."""
        semaphore = asyncio.Semaphore(MAX_QUERIES)
        tasks = {asyncio.create_task(self._query(each.id, semaphore)): each for each in found}
        if not tasks:
            return [], 0
        done, late = await asyncio.wait(tasks, timeout=self._timeout.total_seconds())
        for task in late:
            task.cancel()
        answers = {tasks[task].id: task.result() for task in done}
        items = [item for answer in answers.values() for item in answer or []]
        silent = [each for each in found if answers.get(each.id) is None]
        return items, sum(_count_calls(each) for each in silent)

    async def _query(self, id: str, semaphore: asyncio.Semaphore) -> list[InboxItem] | None:
        handle = self._client.get_workflow_handle_for(ApprovalsWorkflow.run, id)
        query = ApprovalsWorkflow.get_pending_approvals
        try:
            async with semaphore:
                calls = await query_if_available(handle, query, timeout=self._timeout)
        except (RPCError, WorkflowQueryFailedError) as error:
            _logger.warning("%s cannot be queried: %s", id, error)
            return None
        if calls is None:
            return None
        return [InboxItem(**call.model_dump(), workflow_id=id) for call in calls]


def _count_calls(workflow: WorkflowExecution) -> int:
    """Return how many calls of a workflow are pending, according to its search attribute."""
    values = workflow.typed_search_attributes.get(KEY) or []
    return sum(value.startswith("call:") for value in values)
