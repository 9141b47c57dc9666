"""A time limit on agent runs that cancels what is in flight."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from temporalio.exceptions import is_cancelled_exception


@asynccontextmanager
async def time_limit(limit: timedelta) -> AsyncIterator[None]:
    """Cancel what the block awaits after `limit`, and raise `TimeoutError`.

    `asyncio.timeout()` does so for most code. But a model call that it cancels raises an
    `ActivityError`, which `asyncio.timeout()` would let through as if the call had failed.

    Example:
        ```python
        async with time_limit(timedelta(minutes=2)):
            result = await Runner.run(agent, question)
        ```

    Raises:
        TimeoutError: The block took longer than `limit`. Its model calls and tools are cancelled.
    """
    async with asyncio.timeout(limit.total_seconds()) as timeout:
        try:
            yield
        except Exception as error:
            if timeout.expired() and _is_cancellation(error):
                raise asyncio.CancelledError from error
            raise


def _is_cancellation(error: BaseException | None) -> bool:
    while error is not None:
        if is_cancelled_exception(error):
            return True
        error = error.__cause__
    return False
