"""Runs a chat's turns one at a time, in order of arrival, and stops the one in flight."""

from durable_agents import RUN_ERRORS
from durable_agents.cancellation import cancel_and_wait
from durable_agents.deadlines import IdleTimer

import asyncio
from collections.abc import Callable, Coroutine
from datetime import timedelta
from types import TracebackType

from temporalio import workflow

from conversations.errors import ChatEnded, RunIsFull, TooManyMessages, TurnFailed, TurnStopped
from conversations.limits import MAX_PENDING

Turn = Callable[[], Coroutine[None, None, str]]


class TurnQueue:
    """The turns of one workflow run.

    As a context manager, it stops all turns if the workflow is cancelled during the block.

    Args:
        max_turns: How many turns the run takes before it should continue as new.
    """

    def __init__(self, max_turns: int) -> None:
        self.is_closed = self._is_cancelled = False
        self._turns_left = max_turns
        self._lock = asyncio.Lock()
        self._turn: asyncio.Task[str] | None = None
        self._is_stopped = False
        self._idle_timer = IdleTimer()

    async def __aenter__(self) -> None:
        """Start the block."""

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop all turns if the workflow is cancelled, and wait until their updates complete."""
        # Eviction from a worker's cache also cancels tasks, but not the workflow.
        if isinstance(exc, asyncio.CancelledError) and workflow.cancellation_reason() is not None:
            self.is_closed = self._is_cancelled = True
            await self.stop()
            await workflow.wait_condition(workflow.all_handlers_finished)

    def check_open(self) -> None:
        """Raise `ChatEnded` or `TooManyMessages` unless another turn is accepted."""
        if self.is_closed:
            raise ChatEnded
        if self._idle_timer.in_flight >= MAX_PENDING:
            raise TooManyMessages

    def close(self) -> None:
        """Accept no more turns. Those that were accepted run."""
        self.is_closed = True

    async def wait_until_closed_or_full(self, idle_timeout: timedelta) -> None:
        """Wait until the queue is closed, or the run has had its turns and none is in flight.

        Closes the queue if no turn has been pending for `idle_timeout`.
        """
        if not await self._idle_timer.wait(lambda: self.is_closed or self._is_full(), idle_timeout):
            self.close()

    async def run(self, turn: Turn) -> str:
        """Wait for the earlier turns, then run this one; return its result.

        Raises:
            RunIsFull: The turn was not started, since the run continues as new.
            TurnFailed: The turn failed. The cause says why.
            TurnStopped: The turn was stopped.
        """
        with self._idle_timer.busy():
            async with self._lock:
                if self._is_cancelled:
                    raise TurnStopped
                if self._is_full() and not self.is_closed:
                    raise RunIsFull
                return await self._run(turn)

    async def stop(self) -> bool:
        """Cancel the turn in flight; return whether that ended it before its answer."""
        if not (turn := self._turn):
            return False
        self._is_stopped = True
        await cancel_and_wait(turn)
        return turn.cancelled() or turn.exception() is not None

    async def _run(self, turn: Turn) -> str:
        self._is_stopped, self._turn = False, asyncio.create_task(turn())
        try:
            return await self._turn
        except (*RUN_ERRORS, asyncio.CancelledError) as error:
            if self._is_stopped:
                raise TurnStopped from None
            if isinstance(error, asyncio.CancelledError):  # the worker evicts the workflow
                raise
            raise TurnFailed from error
        finally:
            self._turn = None
            self._turns_left -= 1

    def _is_full(self) -> bool:
        is_over = self._turns_left <= 0 or workflow.info().is_continue_as_new_suggested()
        return is_over and not self._turn
