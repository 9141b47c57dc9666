"""Cancels a task of a workflow, also if a call in it completes at the same moment.

Such a call swallows the cancellation: `asyncio` delivers it once, and the task would continue.
Only topics that stop an agent's work without closing the workflow import this module.
"""

from durable_agents.deadlines import RECANCEL_INTERVAL

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

from temporalio import workflow

T = TypeVar("T")


async def cancel_and_wait(task: asyncio.Task[Any]) -> None:
    """Cancel a task unless it is done, and wait until it is.

    The cancellation is repeated each `RECANCEL_INTERVAL`. What the task raises stays in the task.
    """
    while not task.done():
        task.cancel()
        await workflow.wait([task], timeout=RECANCEL_INTERVAL)


async def unless_cancelled(call: Awaitable[T]) -> T:
    """Return the result of a call; raise `CancelledError` if the current task is being cancelled.

    Await every call of a task in this way if nothing may start after its cancellation. A cancelled
    activity, which raises `ActivityError`, raises `CancelledError` as well.
    """
    try:
        return await call
    finally:
        task = asyncio.current_task()
        if task and task.cancelling():
            raise asyncio.CancelledError
