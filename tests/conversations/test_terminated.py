"""A chat that is terminated in mid-turn: its sender reads so, and other chats are not affected."""

import asyncio
import gc
from collections.abc import Callable

import pytest
from temporalio.client import Client
from temporalio.worker import Worker

from conversations import TASK_QUEUE
from conversations.client import ChatClient
from conversations.errors import ChatEnded
from conversations.run_worker import build_worker
from conversations.workflows.chat import ChatWorkflow
from tests.conversations.chats import Held, say, start
from tests.harness.workers import serving


def build_worker_that_caches_one(client: Client) -> Worker:
    """Return a worker that evicts a chat as soon as there is another one."""
    return Worker(client, task_queue=TASK_QUEUE, workflows=[ChatWorkflow], max_cached_workflows=1)


@pytest.mark.parametrize("build", [build_worker, build_worker_that_caches_one])
async def test_chat_terminated_in_mid_turn_is_reported_and_evicted_without_a_trace(
    build: Callable[[Client], Worker],
) -> None:
    held, shown = Held(), list[str]()
    async with serving(build, held.model) as client:
        handle = await start(client)
        chat = ChatClient(handle, shown.append)
        sending = asyncio.create_task(chat.send("One"))
        await held.called.wait()
        await handle.terminate()
        with pytest.raises(ChatEnded):
            await sending
        await chat.end()
        await held.cancelled.wait()
        other = await start(client)
        assert await say(other, "Two") == "Re: Two"
        await other.terminate()
    gc.collect()  # finds coroutines that were not closed: "created in a different Context"
    assert shown == ["The chat was cancelled or terminated."]
