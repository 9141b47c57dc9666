"""The end of a chat: idle timeout, summary, and cancellation."""

from datetime import timedelta

import pytest
from agents.testing import ModelStep, ScriptedModel
from temporalio.client import WorkflowExecutionStatus, WorkflowFailureError
from temporalio.exceptions import CancelledError

from conversations import TASK_QUEUE
from conversations.client import ChatClient
from conversations.errors import ChatEnded
from conversations.run_worker import build_worker
from conversations.workflows.chat import ChatWorkflow
from tests.conversations.chats import (
    Held,
    accepted,
    answers,
    echo,
    end,
    history,
    rejection,
    say,
    start,
)
from tests.harness.workers import bad_request, promptly, serving, serving_on_skipped_time


async def test_failed_summary_is_replaced_by_a_fixed_one() -> None:
    model = ScriptedModel([ModelStep.respond(echo), ModelStep.raise_error(bad_request())])
    async with serving(build_worker, model) as client:
        handle = await start(client)
        await say(handle, "One")
        assert await end(handle) == "Messages answered: 1."


async def test_chat_ends_after_a_day_of_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    model = answers(1)
    async with serving_on_skipped_time(build_worker, model, monkeypatch) as (client, time):
        handle = await start(client)
        await time.sleep(timedelta(hours=23))
        await say(handle, "One")
        await time.sleep(timedelta(hours=23))
        assert await history(handle) == ["One", "Answer 1."]
        assert (await handle.describe()).status is WorkflowExecutionStatus.RUNNING
        await time.sleep(timedelta(hours=2))
        assert await promptly(handle.result(), "the idle chat") == "All was answered."


async def test_resend_of_an_earlier_run_is_answered_while_the_chat_ends() -> None:
    held = Held(2)
    async with serving(build_worker, held.model) as client:
        handle = await start(client, answers={"earlier": "It was answered."})
        turn = await accepted(handle, "One")
        await held.called.wait()
        await handle.execute_update(ChatWorkflow.end)
        assert await say(handle, "Zero", id="earlier") == "It was answered."
        held.release.set()
        assert await turn.result() == "Re: One"
        await handle.result()


async def test_cancelled_chat_closes_and_its_client_reports_the_end() -> None:
    held, shown = Held(), list[str]()
    async with serving(build_worker, held.model) as client:
        handle = await start(client)
        turn, waiting = await accepted(handle, "One"), await accepted(handle, "Two")
        await held.called.wait()
        await handle.cancel()
        with pytest.raises(WorkflowFailureError) as failure:
            await handle.result()
        for update in (turn, waiting):
            assert (await rejection(update.result())).type == "TurnStopped"
        chat = ChatClient(handle, shown.append)
        with pytest.raises(ChatEnded):
            await chat.send("Three")
        await chat.end()
    assert isinstance(failure.value.cause, CancelledError)
    assert shown == ["The chat was cancelled or terminated."]


async def test_failed_chat_is_reported_with_its_reason() -> None:
    shown = list[str]()
    async with serving(build_worker, ScriptedModel()) as client:
        handle = client.get_workflow_handle_for(ChatWorkflow.run, "test-failed-chat")
        await client.start_workflow("ChatWorkflow", "bad", id=handle.id, task_queue=TASK_QUEUE)
        with pytest.raises(WorkflowFailureError):
            await handle.result()
        await ChatClient(handle, shown.append).end()
    assert [line.partition(" state")[0] for line in shown] == ["The chat failed: InvalidInput:"]
