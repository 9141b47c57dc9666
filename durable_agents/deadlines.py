"""A time limit on agent runs that cancels what is in flight, and a limit on idle time."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, cast

from temporalio import workflow
from temporalio.exceptions import is_cancelled_exception

RECANCEL_INTERVAL = 1.0  # seconds


@asynccontextmanager
async def time_limit(limit: timedelta) -> AsyncIterator[None]:
    """Cancel what the block awaits after `limit`, and raise `TimeoutError`.

    Use it in workflow code in place of `asyncio.timeout()`, which misses two cases: a cancelled
    model call raises `ActivityError`, not `CancelledError`; and a call that completes just as it
    is cancelled swallows the cancellation, so `time_limit` repeats it every second.

    Example:
        ```python
        async with time_limit(timedelta(minutes=2)):
            result = await Runner.run(agent, question)
        ```
    """
    loop, cancellations = asyncio.get_running_loop(), 0
    task = cast(asyncio.Task[Any], asyncio.current_task())
    timer: asyncio.TimerHandle

    def cancel() -> None:
        nonlocal timer, cancellations
        cancellations += 1
        task.cancel()
        timer = loop.call_later(RECANCEL_INTERVAL, cancel)

    timer = loop.call_later(limit.total_seconds(), cancel)
    try:
        yield
    except BaseException as error:
        is_ours = 0 < cancellations >= task.cancelling()  # otherwise the caller was cancelled, too
        if is_ours and _is_cancellation(error):
            raise TimeoutError from error
        raise
    finally:
        timer.cancel()
        for _ in range(cancellations):
            task.uncancel()


async def wait_until(condition: Callable[[], bool], limit: timedelta | None = None) -> bool:
    """Wait for a condition in workflow code; return False if it is not met within `limit`.

    Unlike `wait_condition(timeout=...)`, it cancels its timer at the same step of the event loop on
    Python 3.11 and 3.12, so a run replays on both. An error in the condition fails the workflow
    task.
    """
    waiting = asyncio.create_task(workflow.wait_condition(condition))
    try:
        done, _ = await workflow.wait([waiting], timeout=limit.total_seconds() if limit else None)
    finally:
        waiting.cancel()
    return bool(done)


class IdleTimer:
    """A limit on idle time in workflow code. Activity does not restart its timer.

    When the timer fires, it is started again for the time that is left. So it costs an action or
    two for each limit that passes, not one for each message.

    Attributes:
        since: The time of the last activity; None while something is in flight. A block
            `with timer:` is idle time.
    """

    def __init__(self) -> None:
        self.since: datetime | None = None

    def __enter__(self) -> None:
        """Start idle time."""
        self.since = workflow.now()

    def __exit__(self, *_: object) -> None:
        """End idle time."""
        self.since = None

    async def wait(self, condition: Callable[[], bool], limit: timedelta) -> bool:
        """Wait for a condition; return False once nothing has happened for `limit`."""
        while (left := limit - self._idle_time()) > timedelta():
            if await wait_until(condition, left):
                return True
        return False

    def _idle_time(self) -> timedelta:
        return workflow.now() - self.since if self.since else timedelta()


def _is_cancellation(error: BaseException | None) -> bool:
    while error and not is_cancelled_exception(error):
        error = error.__cause__
    return error is not None
