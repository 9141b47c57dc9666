"""The answer is checked, and redacted, before it leaves the workflow."""

import pytest
from agents.testing import ScriptedModel, assistant_message

from agent_patterns import TASK_QUEUE
from agent_patterns.run_output_guardrails_workflow import main
from agent_patterns.run_worker import build_worker
from agent_patterns.workflows.output_guardrails import OutputGuardrailsWorkflow
from tests.harness.workers import failure_of, serving


@pytest.mark.parametrize(
    "number", ["+351 912 345 678", "650-123-4567", "(650) 123 4567", "06501234567", "+49/30.123456"]
)
async def test_phone_number_is_redacted(number: str, capsys: pytest.CaptureFixture[str]) -> None:
    model = ScriptedModel([[assistant_message(f"Ada moved; call {number} now, or {number}.")]])
    async with serving(build_worker, model):
        await main("Ada moved.")
    assert capsys.readouterr().out == (
        "Ada moved; call [number removed] now, or [number removed].\n"
    )
    model.assert_complete()


@pytest.mark.parametrize("text", ["Ada moved.", "In 2026, 1,500 of 20,000 people moved."])
async def test_other_answers_are_unchanged(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    async with serving(build_worker, ScriptedModel([[assistant_message(text)]])):
        await main("News?")
    assert capsys.readouterr().out == f"{text}\n"


async def test_number_is_only_in_the_model_response_event() -> None:
    model = ScriptedModel([[assistant_message("Call 650-123-4567.")]])
    async with serving(build_worker, model) as client:
        handle = await client.start_workflow(
            OutputGuardrailsWorkflow.run, "Ada moved.", id="redacted", task_queue=TASK_QUEUE
        )
        assert await handle.result() == "Call [number removed]."
        history = await handle.fetch_history()
    with_number = [
        event for event in history.events if b"650-123-4567" in event.SerializeToString()
    ]
    assert len(with_number) == 1
    assert with_number[0].HasField("activity_task_completed_event_attributes")


async def test_empty_input_fails_before_any_model_call() -> None:
    async with serving(build_worker, ScriptedModel()):
        error = await failure_of(main(""))
    assert error.type == "InvalidInput"
