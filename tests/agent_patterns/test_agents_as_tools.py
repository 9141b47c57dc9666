"""Agents as tools: nested runs are durable, and the calling model receives their failures."""

import asyncio

import pytest
from agents.testing import ModelCall, ModelStep, ScriptedModel, assistant_message, function_call
from openai.types.responses import ResponseOutputItem
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import CancelledError

from agent_patterns import TASK_QUEUE
from agent_patterns.run_agents_as_tools_workflow import main
from agent_patterns.run_worker import build_worker
from agent_patterns.workflows.agents_as_tools import AgentsAsToolsWorkflow
from tests.harness.workers import bad_request, failure_of, input_texts, serving

ASK_SPANISH = function_call("translate_to_spanish", {"input": "Good morning!"}, call_id="1")
ANSWERED = [[assistant_message("¡Buenos días!")], [assistant_message("In Spanish: ¡Buenos días!")]]


async def test_translator_sees_only_its_text_and_synthesizer_sees_everything(
    capsys: pytest.CaptureFixture[str],
) -> None:
    model = ScriptedModel([[ASK_SPANISH], [assistant_message("¡Buenos días!")], *ANSWERED])
    async with serving(build_worker, model):
        await main("Good morning! in Spanish, please")
    assert capsys.readouterr().out == "In Spanish: ¡Buenos días!\n"
    model.assert_complete()
    assert input_texts(model.calls[1]) == ["Good morning!"]
    assert input_texts(model.calls[3])[0] == "Good morning! in Spanish, please"


@pytest.mark.parametrize(
    ("nested", "message"),
    [
        ([bad_request("No Spanish.")], "BadRequestError: No Spanish."),
        ([[function_call("no_such_tool", {}, call_id="2")]], "ModelBehaviorError: Tool no_such_"),
    ],
    ids=["400", "unknown tool"],
)
async def test_failed_translator_is_reported_to_the_orchestrator(
    nested: list[Exception | list[ResponseOutputItem]], message: str
) -> None:
    model = ScriptedModel([[ASK_SPANISH], *nested, *ANSWERED])
    async with serving(build_worker, model):
        await main("Good morning! in Spanish, please")
    model.assert_complete()
    assert input_texts(model.calls[2])[-1].startswith(f"The translator failed: {message}")


async def test_invalid_arguments_are_reported_to_the_orchestrator() -> None:
    wrong = function_call("translate_to_spanish", {"text": "Good morning!"}, call_id="1")
    model = ScriptedModel([[wrong], *ANSWERED])
    async with serving(build_worker, model):
        await main("Good morning! in Spanish, please")
    model.assert_complete()
    assert "Invalid JSON input for tool translate_to_spanish" in input_texts(model.calls[1])[-1]


async def test_cancellation_in_a_nested_run_cancels_the_workflow() -> None:
    called = asyncio.Event()

    async def never(call: ModelCall) -> list[ResponseOutputItem]:
        called.set()
        await asyncio.Event().wait()
        return []

    model = ScriptedModel([[ASK_SPANISH], ModelStep.respond(never), *ANSWERED])
    async with serving(build_worker, model) as client:
        handle = await client.start_workflow(
            AgentsAsToolsWorkflow.run, "Wait", id="nested-cancelled", task_queue=TASK_QUEUE
        )
        await called.wait()
        await handle.cancel()
        with pytest.raises(WorkflowFailureError) as failure:
            await handle.result()
    assert isinstance(failure.value.cause, CancelledError)
    assert len(model.calls) == 2


async def test_orchestrator_that_keeps_calling_tools_fails_with_max_turns() -> None:
    async def loop(call: ModelCall) -> list[ResponseOutputItem]:
        if "Never translate yourself" in (call.system_instructions or ""):
            return [ASK_SPANISH]
        return [assistant_message("¡Buenos días!")]

    model = ScriptedModel([ModelStep.respond(loop)] * 20)
    async with serving(build_worker, model):
        error = await failure_of(main("Good morning! in Spanish, please"))
    assert error.type == "MaxTurnsExceeded"


async def test_empty_message_fails_before_any_model_call() -> None:
    async with serving(build_worker, ScriptedModel()):
        error = await failure_of(main(""))
    assert error.type == "InvalidInput"
