"""Cancels async tests that hang, so that they clean up, and the next ones run.

pytest-timeout leaves their coroutines pending, and what they have patched: the worker of the test
would be closed at the end of the session, after the Temporal server, and would wait for it forever.
So if the clean-up hangs, too, the process of the test ends, and the next tests run in a new one.
"""

import asyncio
import functools
import inspect
from collections.abc import Awaitable, Callable
from typing import ParamSpec

import pytest

P = ParamSpec("P")

GRACE = 60.0
"""Seconds for the fixtures and the clean-up; then pytest-timeout ends the process. `command.py`
takes the stacks of a process that hangs meanwhile."""


def limit_async_test(item: pytest.Function) -> None:
    """Let an async test raise TimeoutError at its timeout, and pytest-timeout exit later."""
    if not inspect.iscoroutinefunction(item.obj):
        return
    marker = item.get_closest_marker("timeout")
    default = item.config.getoption("timeout") or item.config.getini("timeout")
    seconds = float(marker.args[0] if marker else default or 0)
    if seconds:  # 0 means that there is no limit
        item.obj = limited(item.obj, seconds)
        last = pytest.mark.timeout(seconds + GRACE, method="thread")  # which ends the process
        item.add_marker(last, append=False)


def limited(test: Callable[P, Awaitable[None]], seconds: float) -> Callable[P, Awaitable[None]]:
    """Return a test that is cancelled, and raises TimeoutError, after this time."""

    @functools.wraps(test)
    async def run(*args: P.args, **kwargs: P.kwargs) -> None:
        async with asyncio.timeout(seconds):
            await test(*args, **kwargs)

    return run
