"""Finds runs exactly. The server's list of workflows is updated later than the workflows."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from temporalio import client, worker, workflow
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHandle, WorkflowHistory
from temporalio.service import RPCError

Handle = WorkflowHandle[Any, Any]

CLOSED = {
    EventType.Value(f"EVENT_TYPE_WORKFLOW_EXECUTION_{how}")
    for how in ("COMPLETED", "FAILED", "TIMED_OUT", "CANCELED", "TERMINATED", "CONTINUED_AS_NEW")
}

_left_open: list[Handle] = []


class RunRecorder(client.Interceptor, worker.Interceptor):
    """Records the runs that a client's workers execute, and that started after its creation."""

    def __init__(self) -> None:
        self._created = datetime.now(UTC)
        self._runs: dict[str, tuple[str, str]] = {}

    def workflow_interceptor_class(
        self, input: worker.WorkflowInterceptorClassInput
    ) -> type[worker.WorkflowInboundInterceptor]:
        """Return a class that records the run of each workflow instance."""
        record = self._record

        class Recording(worker.WorkflowInboundInterceptor):
            async def execute_workflow(self, input: worker.ExecuteWorkflowInput) -> Any:
                record(workflow.info())
                return await super().execute_workflow(input)

        return Recording

    def handles(self, client: Client, task_queue: str) -> list[Handle]:
        """Return the runs on a task queue in the order in which they were first executed."""
        return [
            client.get_workflow_handle(id, run_id=run_id)
            for run_id, (id, queue) in self._runs.items()
            if queue == task_queue
        ]

    def _record(self, info: workflow.Info) -> None:
        if info.workflow_start_time >= self._created:
            self._runs[info.run_id] = info.workflow_id, info.task_queue


async def histories_of(client: Client, handle: Handle) -> list[WorkflowHistory]:
    """Return the history of each run of a workflow, in order."""
    found: list[WorkflowHistory] = []
    run_id = (await handle.describe()).raw_description.workflow_execution_info.first_run_id
    while run_id:
        run = client.get_workflow_handle(handle.id, run_id=run_id)
        found.append(await run.fetch_history())
        last = found[-1].events[-1]
        run_id = last.workflow_execution_continued_as_new_event_attributes.new_execution_run_id
    return found


def terminate_after_test(run: Handle, history: WorkflowHistory) -> None:
    """Terminate a run at the end of the test, if it is open.

    Tests of a topic share its task queue, so the next test's worker would continue the run.
    """
    if history.events[-1].event_type not in CLOSED:
        _left_open.append(run)


async def terminate_left_open() -> None:
    """Terminate the runs that the test left open."""
    await terminate(_left_open)
    _left_open.clear()


async def terminate(runs: Iterable[Handle]) -> None:
    """Terminate the runs that are still open."""
    for run in runs:
        with suppress(RPCError):  # it has closed
            await run.terminate()
