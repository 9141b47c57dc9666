"""Takes the turns of a run one at a time, and ends the run when newer code waits for the chat."""

from durable_agents import RUN_ERRORS
from durable_agents.deadlines import IdleTimer

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from temporalio import workflow

from versioning.errors import ChatEnded, RunIsOver, TooManyMessages, TurnFailed

MAX_PENDING = 6  # messages, including the one in its turn; the server allows 10 updates in flight
IDLE_TIMEOUT = timedelta(days=1)


class Turns:
    """The turns of one workflow run."""

    def __init__(self) -> None:
        self.is_closed = False
        self._lock = asyncio.Lock()
        self._idle_timer = IdleTimer()

    def check_open(self) -> None:
        """Raise `ChatEnded` or `TooManyMessages` unless another turn is accepted."""
        if self.is_closed:
            raise ChatEnded
        if self._idle_timer.in_flight >= MAX_PENDING:
            raise TooManyMessages

    def close(self) -> None:
        """Accept no more turns. Those that were accepted run."""
        self.is_closed = True

    @asynccontextmanager
    async def next(self) -> AsyncIterator[None]:
        """Wait for the earlier turns, then run the block as one.

        Raises:
            RunIsOver: The block was not run, since the chat continues as new.
            TurnFailed: The block failed. The cause says why.
        """
        with self._idle_timer.busy():
            async with self._lock:
                if self._is_over():
                    raise RunIsOver
                try:
                    yield
                except RUN_ERRORS as error:
                    raise TurnFailed from error

    async def wait_until_over(self) -> None:
        """Wait until the chat is closed, or the run is over; then, until no turn is pending.

        Closes the chat if no turn has been pending for `IDLE_TIMEOUT`, or the workflow is
        cancelled. Accepted messages are answered.
        """
        try:
            if not await self._idle_timer.wait(
                lambda: self.is_closed or self._is_over(), IDLE_TIMEOUT
            ):
                self.close()
        except asyncio.CancelledError:
            # Eviction from a worker's cache also cancels tasks, but not the workflow.
            if workflow.cancellation_reason() is not None:
                self.is_closed = True
                await workflow.wait_condition(workflow.all_handlers_finished)
            raise
        await workflow.wait_condition(workflow.all_handlers_finished)

    def _is_over(self) -> bool:
        """Return whether the next run should take the chat: it has newer code, or room."""
        info = workflow.info()
        return not self.is_closed and (
            info.is_target_worker_deployment_version_changed()
            or info.is_continue_as_new_suggested()
        )
