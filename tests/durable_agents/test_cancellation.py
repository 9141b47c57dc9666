"""A call that swallows a cancellation neither keeps its task running nor lets it start more."""

from durable_agents import connect
from durable_agents.cancellation import cancel_and_wait, unless_cancelled

import asyncio
from uuid import uuid4

import pytest
from temporalio import workflow
from temporalio.worker import Worker


@workflow.defn(sandboxed=False)
class Stubborn:
    @workflow.run
    async def run(self) -> int:
        """Return how many cancellations a task took that swallows the first one."""
        swallowed = 0

        async def work() -> None:
            nonlocal swallowed
            while swallowed < 2:
                try:
                    await workflow.sleep(3600)
                except asyncio.CancelledError:
                    swallowed += 1

        task = asyncio.create_task(work())
        await asyncio.sleep(0)
        await cancel_and_wait(task)
        return swallowed if task.done() else 0


async def test_cancellation_is_repeated_until_the_task_is_done() -> None:
    client, queue = await connect(register_activities=False), f"test-cancellation-{uuid4()}"
    async with Worker(client, task_queue=queue, workflows=[Stubborn]):
        assert await client.execute_workflow(Stubborn.run, id=queue, task_queue=queue) == 2


async def swallow(error: Exception | None = None) -> str:
    """Return a result, or raise an error, when cancelled."""
    try:
        await asyncio.sleep(3600)
    except asyncio.CancelledError:
        if error:
            raise error from None
    return "result"


@pytest.mark.parametrize("error", [None, ValueError("an activity was cancelled")])
async def test_swallowed_cancellation_is_raised_after_the_call(error: Exception | None) -> None:
    task = asyncio.create_task(unless_cancelled(swallow(error)))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_result_is_returned_if_nothing_is_cancelled() -> None:
    assert await unless_cancelled(asyncio.sleep(0, "result")) == "result"
