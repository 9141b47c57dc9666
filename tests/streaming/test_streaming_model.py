"""The model on the worker: its answers are validated, and its streams may break."""

import asyncio
from typing import Any

import pytest
from agents import Agent, GuardrailFunctionOutput, RunContextWrapper, output_guardrail
from agents.testing import ModelStep, ScriptedModel, assistant_message, function_call
from temporalio.client import WorkflowUpdateFailedError

from streaming import chat as chat_module
from tests.streaming.chats import (
    Writer,
    end,
    read,
    rejection,
    say,
    serving_chats,
    start,
    until_streamed,
)


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        ([assistant_message(" ")], "its answer is empty"),
        ([function_call("none", "[" * 100 + "]" * 100, call_id="1")], "nested more than 64"),
    ],
)
async def test_answer_is_validated_on_the_worker(output: list[Any], reason: str) -> None:
    async with serving_chats(ScriptedModel([output])) as client:
        chat = await start(client)
        error = await rejection(chat, "a")
        assert "ModelBehaviorError: The model's response was rejected" in error.message
        assert reason in error.message
        assert (await read(chat)).events[-1].kind == "failure"
        await end(chat)


async def test_stream_without_an_end_is_retried() -> None:
    unfinished = ModelStep.stream([])
    model = ScriptedModel([unfinished, [assistant_message("Done.")]])
    async with serving_chats(model, attempts=2) as client:
        chat = await start(client)
        assert await say(chat, "a") == "Done."
        await end(chat)
    model.assert_complete()


async def test_output_guardrail_checks_the_whole_answer_and_fails_its_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    checked: list[str] = []

    @output_guardrail
    async def no_wolves(
        context: RunContextWrapper[None], agent: Agent[Any], output: str
    ) -> GuardrailFunctionOutput:
        checked.append(output)
        return GuardrailFunctionOutput(output_info="", tripwire_triggered="wolf" in output)

    agent = Agent[None](name="Storyteller", output_guardrails=[no_wolves])
    monkeypatch.setattr(chat_module, "build_agent", lambda: agent)
    writer = Writer()
    async with serving_chats(writer) as client:
        chat = await start(client)
        sending = asyncio.create_task(say(chat, "a"))
        writer.write("Once a wolf")
        await until_streamed(chat, "Once a wolf")  # shown, and not checked yet
        assert checked == []
        writer.answer(" slept.")
        with pytest.raises(WorkflowUpdateFailedError) as failure:
            await sending
        assert "OutputGuardrailTripwireTriggered" in str(failure.value.cause)
        assert [event.kind for event in (await read(chat)).events][-1] == "failure"
        writer.answer("Once a fox slept.")
        assert await say(chat, "b") == "Once a fox slept."
        assert [turn.question for turn in (await end(chat)).turns] == ["b"]
        assert checked == ["Once a wolf slept.", "Once a fox slept."]
