"""A message that is sent several times, to the same run or a later one, is answered once."""

from durable_agents import update_reliably

import asyncio
from typing import Any

import pytest
from agents.testing import ModelStep, ScriptedModel
from temporalio.client import WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode

from conversations.client import Handle
from conversations.run_worker import build_worker
from conversations.workflows.chat import ChatWorkflow
from tests.conversations.chats import (
    Held,
    accepted,
    answers,
    echo,
    history,
    rejection,
    say,
    start,
)
from tests.harness.runs import histories_of
from tests.harness.workers import serving


async def test_messages_sent_at_once_under_one_id_are_answered_once() -> None:
    model = answers(0)
    async with serving(build_worker, model) as client:
        handle = await start(client)
        sent = await asyncio.gather(*(say(handle, "One", "m1") for _ in range(50)))
        assert await history(handle) == ["One", "All was answered."]
        await handle.terminate()
    assert set(sent) == {"All was answered."}
    assert len(model.calls) == 1


async def test_message_resent_to_a_later_run_returns_the_same_answer() -> None:
    model = answers(2)
    async with serving(build_worker, model) as client:
        handle = await start(client, turns_per_run=1)
        assert await say(handle, "One", "m1") == "Answer 1."
        assert await say(handle, "Two", "m2") == "Answer 2."
        assert [await say(handle, "One", f"m{n}") for n in (1, 2)] == ["Answer 1.", "Answer 2."]
        assert len(await histories_of(client, handle)) == 3
        assert await history(handle) == ["One", "Answer 1.", "Two", "Answer 2."]
        await handle.terminate()


async def test_last_20_answers_are_known_also_once_the_chat_has_closed() -> None:
    model = ScriptedModel([ModelStep.respond(echo)] * 21)
    async with serving(build_worker, model, 0) as client:
        handle = await start(client, turns_per_run=6)
        for number in range(21):
            await update_reliably(handle, ChatWorkflow.ask, f"{number}", id=f"m{number}")
        await handle.terminate()
        known = [await handle.query(ChatWorkflow.find_answer, f"m{n}") for n in range(21)]
    assert known == [None, *(f"Re: {number}" for number in range(1, 21))]


@pytest.mark.parametrize("turns_per_run", [1, 3])
async def test_messages_that_wait_while_a_run_continues_as_new_are_answered_once(
    turns_per_run: int,
) -> None:
    held = Held(calls=5)
    async with serving(build_worker, held.model) as client:
        handle = await start(client, turns_per_run=turns_per_run)
        sending = [
            asyncio.create_task(update_reliably(handle, ChatWorkflow.ask, f"{n}", id=f"m{n}"))
            for n in range(6)
        ]
        await held.called.wait()
        excess = [await accepted(handle, f"{n}", f"m{n}") for n in range(6)]
        held.release.set()
        assert await asyncio.gather(*sending) == [f"Re: {n}" for n in range(6)]
        assert len(excess) == 6
        assert sorted((await history(handle))[::2]) == [f"{n}" for n in range(6)]
        assert len(await histories_of(client, handle)) == 1 + 6 // turns_per_run
        await handle.terminate()
    held.model.assert_complete()


async def test_client_without_resend_reads_what_to_do_when_a_run_continues_as_new() -> None:
    held = Held(calls=1)
    async with serving(build_worker, held.model) as client:
        handle = await start(client, turns_per_run=1)
        first, second = await accepted(handle, "One"), await accepted(handle, "Two", "m2")
        held.release.set()
        assert await first.result() == "Re: One"
        error = await rejection(second.result())
        assert await update_reliably(handle, ChatWorkflow.ask, "Two", id="m2") == "Re: Two"
        await handle.terminate()
    assert error.message.endswith("Send the message again, under the same id.")


async def test_answer_that_is_lost_is_returned_to_the_resent_message(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    update, ids = WorkflowHandle.execute_update, list[str]()

    async def losing(handle: Handle, *args: Any, **options: Any) -> object:
        ids.append(options["id"])
        answer = await update(handle, *args, **options)
        if len(ids) == 1:
            raise RPCError("transport error", RPCStatusCode.UNAVAILABLE, b"")
        return answer

    monkeypatch.setattr(WorkflowHandle, "execute_update", losing)
    model = answers(1)
    async with serving(build_worker, model) as client:
        handle = await start(client, turns_per_run=1)
        assert await update_reliably(handle, ChatWorkflow.ask, "One") == "Answer 1."
        await handle.terminate()
    assert (len(ids), len(set(ids)), len(model.calls)) == (2, 1, 1)
