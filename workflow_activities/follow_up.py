"""Background steps after each turn: save, notification, and a batch after every third."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from temporalio import workflow

from workflow_activities.steps import report_on, run_step

with workflow.unsafe.imports_passed_through():
    from workflow_activities.limits import CANCEL_TIMEOUT, CONTINUE_TIMEOUT
    from workflow_activities.models import Kind, Report, Step
    from workflow_activities.state import State


class FollowUp:
    """Runs due steps in two queues, records and notifications, each in the order of the turns.

    The queues are independent, so an unavailable database does not delay notifications.

    Args:
        task_id: The task.
        state: The conversation; the outcomes of steps are added to it.
    """

    def __init__(self, task_id: str, state: State) -> None:
        self._task_id = task_id
        self._state = state
        self._paused = False
        self._in_flight: set[Kind] = set()
        self._queues = [
            asyncio.create_task(self._run_steps(next_step))
            for next_step in (state.next_record, state.next_notification)
        ]

    async def finish(self, limit: timedelta | None = None) -> None:
        """Wait until all messages are answered and all turns are recorded.

        Raises:
            TimeoutError: It took longer than `limit`.
        """
        self._paused = False
        await self.wait_until(self._is_finished, limit)

    async def finish_cancelled(self) -> None:
        """Finish within `CANCEL_TIMEOUT`, and log the turns that are not recorded by then."""
        try:
            await self.finish(CANCEL_TIMEOUT)
        except TimeoutError:
            workflow.logger.warning(
                "Cancelled before turns %s to %s were recorded",
                min(self._state.saved, self._state.notified) + 1,
                self._state.turns,
            )

    async def pause(self) -> None:
        """Finish within `CONTINUE_TIMEOUT`, then stop: unfinished steps pass to the next run."""
        try:
            await self.finish(CONTINUE_TIMEOUT)
        except TimeoutError:
            workflow.logger.info("%s turns pass to the next run", len(self._state.pending))
        self._paused = True
        # Records are idempotent, notifications are not.
        await self.wait_until(
            lambda: "notification" not in self._in_flight and workflow.all_handlers_finished()
        )

    async def report(self) -> Report:
        """Return the counts of the conversation."""
        notified = {
            "notifications_sent": self._state.notifications_sent,
            "notifications_failed": self._state.notifications_failed,
        }
        return (await report_on(self._task_id)).model_copy(update=notified)

    async def wait_until(
        self, condition: Callable[[], bool], limit: timedelta | None = None
    ) -> None:
        """Wait for a condition; a bug in a queue fails the workflow task.

        Raises:
            TimeoutError: It was not met within `limit`.
        """

        def is_met() -> bool:
            for queue in self._queues:
                if queue.done():
                    queue.result()
            return condition()

        # Not `wait_condition(timeout=...)`: on Python 3.12 it cancels its timer one step of the
        # event loop earlier, so a run that started on 3.11 would not replay there.
        seconds = limit.total_seconds() if limit else None
        waiting = asyncio.create_task(workflow.wait_condition(is_met))
        try:
            done, _ = await workflow.wait([waiting], timeout=seconds)
            if not done:
                raise TimeoutError
            waiting.result()
        finally:
            waiting.cancel()

    def _is_finished(self) -> bool:
        state = self._state
        is_due = state.next_record() is not None or state.next_notification() is not None
        return not is_due and workflow.all_handlers_finished()

    async def _run_steps(self, next_step: Callable[[], Step | None]) -> None:
        """Run the steps of a queue one by one."""
        while True:
            await workflow.wait_condition(lambda: not self._paused and next_step() is not None)
            if step := next_step():
                self._in_flight.add(step.kind)
                self._state.record(await run_step(self._task_id, step))
                self._in_flight.discard(step.kind)
