"""A time limit on agent runs that cancels what is in flight."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from temporalio.exceptions import is_cancelled_exception

RECANCEL_INTERVAL = 1.0  # seconds


@asynccontextmanager
async def time_limit(limit: timedelta) -> AsyncIterator[None]:
    """Cancel what the block awaits after `limit`, and raise `TimeoutError`.

    `asyncio.timeout()` falls short in a workflow: a model call that it cancels raises an
    `ActivityError`, which it lets through as if the call had failed; and a call that completes just
    as it is cancelled swallows the cancellation, so the run would continue without a limit. This
    one recognises the first, and cancels again after the second.

    Example:
        ```python
        async with time_limit(timedelta(minutes=2)):
            result = await Runner.run(agent, question)
        ```

    Raises:
        TimeoutError: The block took longer than `limit`. Its model calls and tools are cancelled.
    """
    expiry = _Expiry(limit.total_seconds())
    try:
        yield
    except BaseException as error:
        if expiry.is_cause_of(error):
            raise TimeoutError from error
        raise
    finally:
        expiry.disarm()


class _Expiry:
    """Cancels the current task after some seconds, and again until it is disarmed."""

    def __init__(self, seconds: float) -> None:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("time_limit() must be used inside a task")
        self._task, self._cancellations = task, 0
        self._timer = asyncio.get_running_loop().call_later(seconds, self._cancel)

    def _cancel(self) -> None:
        self._cancellations += 1
        self._task.cancel()
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(RECANCEL_INTERVAL, self._cancel)

    def is_cause_of(self, error: BaseException) -> bool:
        """Whether `error` comes from this expiry, and not from a cancellation of someone else's."""
        if not self._cancellations or self._task.cancelling() > self._cancellations:
            return False
        return isinstance(error, asyncio.CancelledError) or _is_cancellation(error)

    def disarm(self) -> None:
        """Cancel no more; take back what was requested of the task."""
        self._timer.cancel()
        for _ in range(self._cancellations):
            self._task.uncancel()


def _is_cancellation(error: BaseException | None) -> bool:
    while error is not None:
        if is_cancelled_exception(error):
            return True
        error = error.__cause__
    return False
