"""Open chats move to a newly deployed version between messages, and lose none."""

import asyncio
from datetime import timedelta

import pytest

from tests.harness.workers import promptly
from tests.versioning.builds import (
    Echo,
    Handle,
    count_failed_tasks,
    end,
    is_on,
    rollout,
    say,
    start,
    worker,
)
from versioning.deployment import Deployment
from versioning.rollout import wait_until_drained, wake_chats

CHATS = 30


@pytest.mark.exhaustive
async def test_thirty_open_chats_move_to_v2_and_lose_no_message() -> None:
    model = Echo()
    async with worker("v2", model) as deployment:
        async with worker("v1", model):
            await deployment.set_current("v1")
            chats = [await start(deployment) for _ in range(CHATS)]
            first = await asyncio.gather(*(say(chat, f"first {n}") for n, chat in enumerate(chats)))
            assert await builds_of(deployment, chats) == {"v1"}
            # The second messages are in flight while v2 becomes current.
            sent = [asyncio.create_task(say(chat, f"second {n}")) for n, chat in enumerate(chats)]
            await deployment.set_current("v2")
            second = await asyncio.gather(*sent)
            third = await asyncio.gather(*(say(chat, f"third {n}") for n, chat in enumerate(chats)))
            assert await builds_of(deployment, chats) == {"v2"}
            await wait_until_drained(deployment, "v1", timedelta(minutes=1))
        assert (await deployment.versions())["v1"] == "drained"
        assert first == [f"Re: first {n}" for n in range(CHATS)]
        assert [text.removesuffix(" with stock") for text in second] == [
            f"Re: second {n}" for n in range(CHATS)
        ]
        assert third == [f"Re: third {n} with stock" for n in range(CHATS)]
        assert await asyncio.gather(*map(end, chats)) == [3] * CHATS
        assert model.calls == 3 * CHATS
        assert await count_failed_tasks(deployment, chats) == 0


async def builds_of(deployment: Deployment, chats: list[Handle]) -> set[str]:
    return {await deployment.build_of(chat.id) for chat in chats}


async def test_chat_stays_on_v1_until_its_next_message_which_v2_answers() -> None:
    async with rollout() as deployment:
        chat = await start(deployment)
        assert await say(chat, "Hello") == "Re: Hello"
        await deployment.set_current("v2")
        assert await deployment.build_of(chat.id) == "v1"
        assert await deployment.open_chats("v1") == [chat.id]
        assert await say(chat, "And now?") == "Re: And now? with stock"
        assert await deployment.build_of(chat.id) == "v2"
        assert await end(chat) == 2


async def test_new_chat_starts_on_the_current_version() -> None:
    async with rollout() as deployment:
        await deployment.set_current("v2")
        chat = await start(deployment)
        assert await say(chat, "Hello") == "Re: Hello with stock"
        assert await deployment.build_of(chat.id) == "v2"


async def test_idle_chat_moves_when_it_is_woken() -> None:
    async with rollout() as deployment:
        chat = await start(deployment)
        await say(chat, "Hello")
        await deployment.set_current("v2")
        assert await wake_chats(deployment, "v1") == 1
        await promptly(is_on(deployment, chat, "v2"), "the move")
        await promptly(wait_until_drained(deployment, "v1", timedelta(minutes=1)), "draining")
        assert await say(chat, "Back again") == "Re: Back again with stock"


@pytest.mark.exhaustive
async def test_woken_chat_stays_when_no_newer_version_is_current() -> None:
    async with rollout() as deployment:
        chat = await start(deployment)
        await say(chat, "Hello")
        run = (await chat.describe()).run_id
        assert await wake_chats(deployment, "v1") == 1
        assert await say(chat, "Still here") == "Re: Still here"
        assert (await chat.describe()).run_id == run


@pytest.mark.exhaustive
async def test_rollback_moves_chats_back_with_their_history() -> None:
    async with rollout() as deployment:
        chat = await start(deployment)
        await say(chat, "one")
        await deployment.set_current("v2")
        await say(chat, "two")
        await deployment.set_current("v1")
        assert await say(chat, "three") == "Re: three"
        assert await deployment.build_of(chat.id) == "v1"
        assert await end(chat) == 3


async def test_message_resent_after_the_move_gets_its_first_answer() -> None:
    model = Echo()
    async with rollout(model) as deployment:
        chat = await start(deployment)
        first = await say(chat, "Hello", id="m1")
        await deployment.set_current("v2")
        await say(chat, "And now?")
        assert await say(chat, "Hello", id="m1") == first
        assert model.calls == 2
