"""A time limit on agent runs that cancels what is in flight, and a limit on idle time."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
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

    Create it in workflow code. Idle time starts at once, unless something is in flight already.

    Attributes:
        in_flight: How many turns or calls are in flight. Idle time is when there are none.
    """

    def __init__(self, in_flight: int = 0) -> None:
        self._set_in_flight(in_flight)

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Count the block as in flight. Blocks may overlap: idle time starts after the last one."""
        self._set_in_flight(self.in_flight + 1)
        try:
            yield
        finally:
            self._set_in_flight(self.in_flight - 1)

    @contextmanager
    def idle(self) -> Iterator[None]:
        """Count one less in flight during the block, such as a turn that waits for its user."""
        self._set_in_flight(self.in_flight - 1)
        try:
            yield
        finally:
            self._set_in_flight(self.in_flight + 1)

    async def wait(self, condition: Callable[[], bool], limit: timedelta) -> bool:
        """Wait for a condition; return False once nothing has happened for `limit`."""
        while (left := limit - self._idle_time()) > timedelta():
            if await wait_until(condition, left):
                return True
        return False

    def _idle_time(self) -> timedelta:
        return workflow.now() - self._since if self._since else timedelta()

    def _set_in_flight(self, count: int) -> None:
        self.in_flight = count
        self._since: datetime | None = None if count else workflow.now()


def _is_cancellation(error: BaseException | None) -> bool:
    while error and not is_cancelled_exception(error):
        error = error.__cause__
    return error is not None
