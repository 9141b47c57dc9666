"""Blocking and parallel input guardrails, and the model calls that each makes."""

import pytest
from agents.testing import ModelCall, ScriptedModel
from temporalio.client import Client, WorkflowHistory

from agent_patterns import TASK_QUEUE
from agent_patterns.models import HomeworkCheck
from agent_patterns.run_input_guardrails_workflow import main
from agent_patterns.run_worker import build_worker
from agent_patterns.workflows.input_guardrails import InputGuardrailsWorkflow
from tests.agent_patterns.script import Answer, answering
from tests.harness.workers import bad_request, failure_of, serving

MAIN, CHECK = "support agent", "maths homework"
REFUSED = "Sorry, I can't do your maths homework. Can I help with anything else?"
CARD = "4111 1111 1111 1111"


def model(checked: Answer, calls: int) -> ScriptedModel:
    """Return a model with one answer for the guardrail and one for the main agent."""
    return answering({CHECK: checked, MAIN: "x is three."}, calls)


def count_calls(calls: tuple[ModelCall, ...], agent: str) -> int:
    """Return the number of calls that an agent made."""
    return sum(agent in str(call.system_instructions) for call in calls)


async def test_homework_is_rejected_in_both_modes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    scripted = model(HomeworkCheck(is_homework=True), calls=3)
    async with serving(build_worker, scripted):
        await main("Solve for x: 2x + 5 = 11")
    blocking, one, parallel, two = capsys.readouterr().out.splitlines()
    assert (blocking, one) == (f"blocking: {REFUSED}", "  model calls: 1")
    assert (parallel, two) == (f"parallel: {REFUSED}", "  model calls: 2")
    assert count_calls(scripted.calls[:1], CHECK) == 1  # blocking: the main model was not called


async def test_blocking_guardrail_makes_no_main_model_call() -> None:
    scripted = model(HomeworkCheck(is_homework=True), calls=1)
    async with serving(build_worker, scripted) as client:
        answer, history = await ask(client, "Solve for x: 2x + 5 = 11", parallel=False)
    assert answer == REFUSED
    scripted.assert_complete()
    assert (count_calls(scripted.calls, CHECK), count_calls(scripted.calls, MAIN)) == (1, 0)
    assert "x is three." not in history.to_json()


@pytest.mark.parametrize("parallel", [False, True])
async def test_card_number_is_rejected_without_a_model_call(parallel: bool) -> None:
    scripted = ScriptedModel()
    async with serving(build_worker, scripted) as client:
        answer, _ = await ask(client, f"My card {CARD} was charged twice", parallel=parallel)
    assert answer == "Sorry, I can't accept card numbers here. Please ask again without the number."
    assert scripted.calls == ()


async def test_accepted_request_is_answered_in_both_modes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    scripted = model(HomeworkCheck(is_homework=False), calls=4)
    async with serving(build_worker, scripted):
        await main("Where is my parcel?")
    assert capsys.readouterr().out == (
        "blocking: x is three.\n  model calls: 2\nparallel: x is three.\n  model calls: 2\n"
    )
    scripted.assert_complete()


@pytest.mark.parametrize("checked", [bad_request(), "I am not sure."], ids=["400", "no verdict"])
async def test_failed_guardrail_fails_the_workflow(checked: Answer) -> None:
    scripted = model(checked, calls=2)
    async with serving(build_worker, scripted):
        error = await failure_of(main("Where is my parcel?"))
    assert error.type in ("BadRequestError", "ModelBehaviorError")
    assert count_calls(scripted.calls, MAIN) == 0


async def test_empty_input_fails_before_any_model_call() -> None:
    async with serving(build_worker, ScriptedModel()):
        error = await failure_of(main(" "))
    assert (error.type, error.message) == ("InvalidInput", "user_input is empty")


async def ask(client: Client, text: str, *, parallel: bool) -> tuple[str, WorkflowHistory]:
    """Run the workflow in one mode; return its answer and history."""
    handle = await client.start_workflow(
        InputGuardrailsWorkflow.run,
        args=[text, parallel],
        id=f"one-mode-{len(text)}-{parallel}",
        task_queue=TASK_QUEUE,
    )
    return await handle.result(), await handle.fetch_history()
