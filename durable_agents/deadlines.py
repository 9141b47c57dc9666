"""A time limit on agent runs that cancels what is in flight."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, cast

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


def _is_cancellation(error: BaseException | None) -> bool:
    while error and not is_cancelled_exception(error):
        error = error.__cause__
    return error is not None
