"""Background steps after each turn: save, notification, and a batch after every third."""

from durable_agents.deadlines import wait_until

import asyncio
from collections.abc import Callable

from temporalio import workflow
from temporalio.exceptions import FailureError

with workflow.unsafe.imports_passed_through():
    from workflow_activities.activities.database import DatabaseActivities
    from workflow_activities.activities.notifications import send_notification
    from workflow_activities.limits import CANCEL_TIMEOUT, NOTIFICATIONS, RECORDS
    from workflow_activities.models import KINDS, Event, Failure, Kind, Report, Turn
    from workflow_activities.state import State

CHANNEL = "all"  # every service in the worker's NOTIFY_URLS; its log by default


class FollowUp:
    """Runs the steps that are due, each kind in a queue of its own, in the order of the turns.

    The queues are independent, so an unavailable database does not delay notifications.

    Args:
        task_id: The task.
        state: The conversation, which receives the outcomes of steps.
        is_closing: Returns whether the run is about to continue as new; then no step starts.
    """

    def __init__(self, task_id: str, state: State, is_closing: Callable[[], bool]) -> None:
        self._task_id = task_id
        self._state = state
        self._is_closing = is_closing
        self.running: set[Kind] = set()
        self._queues = [asyncio.create_task(self._run_steps(kind)) for kind in KINDS]

    async def finish(self, *, cancelled: bool = False) -> None:
        """Wait until all messages are answered and recorded; if cancelled, at most 30 seconds."""
        if not await wait_until(self._is_finished, CANCEL_TIMEOUT if cancelled else None):
            state = self._state
            workflow.logger.warning("Of %s turns, recorded: %s", state.turns, state.finished)

    def check(self) -> None:
        """Raise the error of a queue that has stopped: a bug, which fails the workflow task."""
        for queue in self._queues:
            if queue.done():
                queue.result()

    async def report(self) -> Report:
        """Return the counts of the conversation."""
        report = await workflow.execute_activity_method(
            DatabaseActivities.generate_report, self._task_id, **RECORDS
        )
        failed = self._state.failed_notifications
        sent = self._state.finished["notification"] - failed
        return report.model_copy(
            update={"notifications_sent": sent, "notifications_failed": failed}
        )

    def _is_finished(self) -> bool:
        self.check()
        return workflow.all_handlers_finished() and not any(map(self._state.due, KINDS))

    async def _run_steps(self, kind: Kind) -> None:
        """Run the steps of a kind, each until it succeeds or its retries are exhausted."""
        state = self._state
        while True:
            await workflow.wait_condition(lambda: bool(state.due(kind)) and not self._is_closing())
            number, turns = state.finished[kind] + 1, state.due(kind)
            self.running.add(kind)
            try:
                outcome, detail = "done", await _execute(self._task_id, kind, number, turns)
            except FailureError as error:
                outcome, detail = "failed", Failure.of(error).message
            self.running.discard(kind)
            workflow.logger.info("%s %s: %s, %s", kind, number, outcome, detail)
            state.finish_step(Event(kind=kind, number=number, outcome=outcome, detail=detail))


async def _execute(task_id: str, kind: Kind, number: int, turns: list[Turn]) -> str:
    if kind == "save":
        return await workflow.execute_activity_method(
            DatabaseActivities.save_to_database, args=[task_id, turns[0]], **RECORDS
        )
    if kind == "batch":
        return await workflow.execute_activity_method(
            DatabaseActivities.process_batch, args=[task_id, turns, number], **RECORDS
        )
    return await workflow.execute_activity(
        send_notification, args=[task_id, turns[0].summary, CHANNEL], **NOTIFICATIONS
    )
