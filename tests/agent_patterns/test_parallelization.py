"""Parallel branches: failed ones are dropped, and the workflow fails only if all of them fail."""

import asyncio

import pytest
from agents.testing import ModelCall, ModelStep, ScriptedModel, function_call
from openai.types.responses import ResponseOutputItem
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ApplicationError, CancelledError

from agent_patterns import TASK_QUEUE
from agent_patterns.models import Choice
from agent_patterns.run_parallelization_workflow import main
from agent_patterns.run_worker import build_worker
from agent_patterns.workflows.parallelization import ParallelizationWorkflow
from tests.agent_patterns.script import Answer, answering
from tests.harness.workers import bad_request, failure_of, input_texts, serving

THREE: dict[str, Answer] = {"literal": "Uno", "idiomatic": "Dos", "formal": "Tres"}


async def test_chosen_translation_is_the_result(capsys: pytest.CaptureFixture[str]) -> None:
    model = answering({**THREE, "Pick the best": Choice(number=3)}, calls=4)
    async with serving(build_worker, model):
        await main("Three")
    assert capsys.readouterr().out == "Tres\n"
    assert input_texts(model.calls[-1]) == ["1. Uno\n2. Dos\n3. Tres"]
    model.assert_complete()


@pytest.mark.parametrize(
    "failing",
    [bad_request(), [function_call("no_such_tool", {}, call_id="1")]],
    ids=["400", "tool"],
)
async def test_failed_branch_is_dropped(
    failing: Answer, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = {**THREE, "literal": failing, "Pick the best": Choice(number=1)}
    model = answering(answers, calls=4)
    async with serving(build_worker, model):
        await main("Two")
    assert capsys.readouterr().out == "Dos\n(1 of 3 translations failed.)\n"
    assert input_texts(model.calls[-1]) == ["1. Dos\n2. Tres"]
    model.assert_complete()


async def test_workflow_fails_with_all_causes_when_every_branch_fails() -> None:
    model = answering({style: bad_request(f"No {style}.") for style in THREE}, calls=3)
    async with serving(build_worker, model):
        with pytest.raises(WorkflowFailureError) as failure:
            await main("None")
    error = failure.value.cause
    assert isinstance(error, ApplicationError)
    assert error.type == "AllBranchesFailed"
    assert error.message == (
        "All 3 translations failed: BadRequestError: No literal.; "
        "BadRequestError: No idiomatic.; BadRequestError: No formal."
    )
    model.assert_complete()


async def test_invalid_choice_fails_the_workflow() -> None:
    model = answering({**THREE, "Pick the best": Choice(number=4)}, calls=4)
    async with serving(build_worker, model):
        error = await failure_of(main("Three"))
    assert (error.type, error.message) == ("ModelBehaviorError", "The picker chose option 4 of 3")


async def test_cancellation_cancels_the_workflow() -> None:
    called = asyncio.Event()

    async def never(call: ModelCall) -> list[ResponseOutputItem]:
        called.set()
        await asyncio.Event().wait()
        return []

    async with serving(build_worker, ScriptedModel([ModelStep.respond(never)] * 3)) as client:
        handle = await client.start_workflow(
            ParallelizationWorkflow.run, "Wait", id="cancelled", task_queue=TASK_QUEUE
        )
        await called.wait()
        await handle.cancel()
        with pytest.raises(WorkflowFailureError) as failure:
            await handle.result()
    assert isinstance(failure.value.cause, CancelledError)


async def test_empty_message_fails_before_any_model_call() -> None:
    async with serving(build_worker, ScriptedModel()):
        error = await failure_of(main(" "))
    assert (error.type, error.message) == ("InvalidInput", "msg is empty")
