"""An escalated conversation is listed, waits for a person, and is answered by one."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from agents.testing import ScriptedModel, assistant_message, function_call
from temporalio.client import WorkflowUpdateFailedError
from temporalio.service import RPCError

from customer_service.answer_escalations import main
from customer_service.models import AgentReply, ConversationResult
from customer_service.run_worker import build_worker
from customer_service.workflows.customer_service import CustomerServiceWorkflow
from sample_cli.temporal_server import own_server
from tests.customer_service.conversations import (
    answers,
    history,
    rejection,
    say,
    start,
)
from tests.harness.workers import input_texts, serving, serving_on_skipped_time

ESCALATED = {"escalated": True, "notified": True}


@pytest.mark.parametrize("registered", [True, False])
async def test_escalated_conversation_is_found_and_answered_by_a_person(
    registered: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    model = ScriptedModel(
        [
            [function_call("escalate_to_human", {"reason": "Angry."}, call_id="one")],
            [assistant_message("Someone will come.")],
            [assistant_message("You are welcome.")],
            [assistant_message("Bye.")],
        ]
    )
    async with own_server(tmp_path, with_search_attributes=registered) as server:
        monkeypatch.setenv("TEMPORAL_ADDRESS", server.address)
        await server.client()  # waits until the server is healthy
        async with serving(build_worker, model) as client:
            handle = await start(client, turns_per_run=1)
            called = await say(handle, "A person!", 0)
            assert await say(handle, "Hello?", len(called)) == ["User: Hello?"]
            if registered:
                listed = ""
                while handle.id not in listed:
                    await main()
                    listed = capsys.readouterr().out
            else:
                with pytest.raises(RPCError, match="NeedsPerson"):
                    await main()
            await main(handle.id, name="Ada", message=["I rebook you.", "/back"])
            reply, handed = (await history(handle))[-2:]
            assert reply == "Ada (a person): I rebook you."
            assert handed == "(A person hands off to Triage agent)"
            assert not (await handle.query(CustomerServiceWorkflow.get_status)).escalated
            answer = await say(handle, "Thanks", len(called) + 3)
            assert answer[-1] == "Triage agent: You are welcome."
            while registered and handle.id in listed:
                await main()
                listed = capsys.readouterr().out
            await handle.execute_update(CustomerServiceWorkflow.end_conversation)
    assert input_texts(model.calls[-2])[-3:] == ["Hello?", reply, "Thanks"]


async def test_reply_is_rejected_unless_escalated_and_added_once() -> None:
    async with serving(build_worker, answers(0)) as client:
        calm, escalated = await start(client), await start(client, context=ESCALATED)
        reply = CustomerServiceWorkflow.reply_as_agent
        for handle, name, reason in [
            (calm, "Ada", "the conversation is not escalated"),
            (escalated, "User:", "name: String should match pattern"),
        ]:
            with pytest.raises(WorkflowUpdateFailedError) as rejected:
                await handle.execute_update("reply_as_agent", {"name": name, "text": "Hi"})
            assert reason in str(rejected.value.cause)
        for _ in range(2):
            lines = await escalated.execute_update(reply, AgentReply(name="Ada", text="Hi"), id="1")
            assert lines == ["Ada (a person): Hi"]
        assert await history(escalated) == lines
        error = await rejection(escalated, "Two", 0)
        assert error.type == "NotYourTurn"


async def test_escalated_conversation_stays_open_for_seven_days(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with serving_on_skipped_time(build_worker, answers(1), monkeypatch) as (client, skipping):
        handle = await start(client, context=ESCALATED)
        abandoned = await start(client, context=ESCALATED)
        await skipping.sleep(timedelta(days=1))
        assert not (await handle.query(CustomerServiceWorkflow.get_status)).ended
        await handle.execute_update(CustomerServiceWorkflow.hand_back)
        await skipping.sleep(timedelta(minutes=29))
        assert not (await handle.query(CustomerServiceWorkflow.get_status)).ended
        await skipping.sleep(timedelta(minutes=2))
        assert not (await handle.result()).escalated
        await skipping.sleep(timedelta(days=6))
        async with asyncio.timeout(10):
            assert (await abandoned.result()).escalated


async def test_escalated_conversation_ends_on_request() -> None:
    async with serving(build_worker, answers(0)) as client:
        handle = await start(client, context=ESCALATED)
        await say(handle, "Hello?", 0)
        async with asyncio.timeout(5):
            result = await handle.execute_update(CustomerServiceWorkflow.end_conversation)
    assert result == ConversationResult(summary="All was answered.", turns=0, escalated=True)
