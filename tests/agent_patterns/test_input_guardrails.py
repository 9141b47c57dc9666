"""What is refused before the model answers, what while it does, and what each costs."""

import pytest
from agents.testing import ModelCall, ScriptedModel
from temporalio.client import Client, WorkflowHistory

from agent_patterns import TASK_QUEUE
from agent_patterns.models import HomeworkCheck
from agent_patterns.run_input_guardrails_workflow import main
from agent_patterns.run_worker import build_worker
from agent_patterns.workflows.input_guardrails import InputGuardrailsWorkflow
from tests.agent_patterns.script import Answer, answering, refusal
from tests.harness.workers import failure_of, serving

MAIN, CHECK = "support agent", "homework done"
REFUSED = "Sorry, I cannot do your maths homework. May I help with something else?"
CARD = "4111 1111 1111 1111"


def model(checked: Answer, calls: int) -> ScriptedModel:
    """Return a model with the guardrail's answer and one of the main agent."""
    return answering({CHECK: checked, MAIN: "x is three."}, calls)


def asked(calls: tuple[ModelCall, ...], who: str) -> int:
    """Count the calls that an agent made."""
    return sum(who in str(call.system_instructions) for call in calls)


async def test_homework_is_refused_before_or_while_the_main_model_answers(
    capsys: pytest.CaptureFixture[str],
) -> None:
    scripted = model(HomeworkCheck(is_homework=True), calls=3)
    async with serving(build_worker, scripted):
        await main("Solve for x: 2x + 5 = 11")
    blocking, one, parallel, two = capsys.readouterr().out.splitlines()
    assert (blocking, one) == (f"blocking: {REFUSED}", "  model calls: 1")
    assert (parallel, two) == (f"parallel: {REFUSED}", "  model calls: 2")
    assert asked(scripted.calls[:1], CHECK) == 1  # blocking: the main model was not asked


async def test_a_blocking_guardrail_spends_nothing_on_the_main_model() -> None:
    scripted = model(HomeworkCheck(is_homework=True), calls=1)
    async with serving(build_worker, scripted) as client:
        answer, history = await ask(client, "Solve for x: 2x + 5 = 11", parallel=False)
    assert answer == REFUSED
    scripted.assert_complete()
    assert (asked(scripted.calls, CHECK), asked(scripted.calls, MAIN)) == (1, 0)
    assert "x is three." not in history.to_json()


@pytest.mark.parametrize("parallel", [False, True])
async def test_a_card_number_costs_no_model_call(parallel: bool) -> None:
    scripted = ScriptedModel()
    async with serving(build_worker, scripted) as client:
        answer, _ = await ask(client, f"My card {CARD} was charged twice", parallel=parallel)
    assert answer == "Sorry, I cannot take card numbers here. Please ask again without it."
    assert scripted.calls == ()


async def test_a_customer_is_answered_in_both_modes(capsys: pytest.CaptureFixture[str]) -> None:
    scripted = model(HomeworkCheck(is_homework=False), calls=4)
    async with serving(build_worker, scripted):
        await main("Where is my parcel?")
    assert capsys.readouterr().out == (
        "blocking: x is three.\n  model calls: 2\nparallel: x is three.\n  model calls: 2\n"
    )
    scripted.assert_complete()


@pytest.mark.parametrize("checked", [refusal(), "I am not sure."], ids=["400", "no verdict"])
async def test_a_guardrail_that_fails_lets_nothing_through(checked: Answer) -> None:
    scripted = model(checked, calls=2)
    async with serving(build_worker, scripted):
        error = await failure_of(main("Where is my parcel?"))
    assert error.type in ("BadRequestError", "ModelBehaviorError")
    assert asked(scripted.calls, MAIN) == 0


async def test_an_empty_input_fails_before_any_model_call() -> None:
    async with serving(build_worker, ScriptedModel()):
        error = await failure_of(main(" "))
    assert (error.type, error.message) == ("InvalidInput", "user_input is empty: ask something")


async def ask(client: Client, text: str, *, parallel: bool) -> tuple[str, WorkflowHistory]:
    """Run the workflow in one mode; return its answer and history."""
    handle = await client.start_workflow(
        InputGuardrailsWorkflow.run,
        args=[text, parallel],
        id=f"one-mode-{len(text)}-{parallel}",
        task_queue=TASK_QUEUE,
    )
    return await handle.result(), await handle.fetch_history()
