"""The second agent sees only the last two turns, without tool calls."""

import pytest
from agents.testing import ModelCall, ModelStep, ScriptedModel, assistant_message, function_call
from openai.types.responses import ResponseOutputItem, ResponseReasoningItem

from handoffs.run_message_filter_workflow import main
from handoffs.run_worker import build_worker
from tests.harness.workers import failure_of, input_texts, serving

DRAW = "Draw a number from 1 to 100 for me."
SPANISH = "Por favor, habla en español. ¿Cómo me llamo, y qué número me tocó?"


def report_number(call: ModelCall) -> list[ResponseOutputItem]:
    """Report the number that the tool returned."""
    return [assistant_message(f"Your number is {input_texts(call)[-1]}.")]


def script() -> ScriptedModel:
    """Return a model with the answers of the four turns."""
    return ScriptedModel(
        [
            [assistant_message("Hello, Sora!")],
            [assistant_message("New York is lively.")],
            [function_call("draw_lot", {"highest": 100}, call_id="draw")],
            ModelStep.respond(report_number),
            [function_call("transfer_to_spanish_agent", {}, call_id="transfer")],
            [assistant_message("No sé cómo te llamas.")],
        ]
    )


async def test_second_agent_sees_the_last_turns_without_tool_calls(
    capsys: pytest.CaptureFixture[str],
) -> None:
    model = script()
    async with serving(build_worker, model):
        await main()
    model.assert_complete()
    before, after = model.calls[-2:]
    assert input_texts(before)[0] == "Hi, my name is Sora."
    assert {item.get("type") for item in after.input} <= {"message", None}  # no tool calls
    draw, number, spanish = input_texts(after)
    assert (draw, spanish) == (DRAW, SPANISH)
    assert number.startswith("Your number is ")
    assert capsys.readouterr().out.splitlines() == [
        "Answer: No sé cómo te llamas.",
        "",
        "The conversation as the second agent saw it:",
        f"  user: {DRAW}",
        f"  assistant: {number}",
        f"  user: {SPANISH}",
        "  assistant: No sé cómo te llamas.",
    ]


async def test_conversation_is_not_filtered_without_a_handoff(
    capsys: pytest.CaptureFixture[str],
) -> None:
    model = ScriptedModel([[assistant_message(f"Answer {n}.")] for n in range(4)])
    async with serving(build_worker, model):
        await main("Ada")
    model.assert_complete()
    assert "  user: Hi, my name is Ada.\n" in capsys.readouterr().out


async def test_handoff_in_the_first_turn_keeps_that_turn() -> None:
    transfer = [function_call("transfer_to_spanish_agent", {}, call_id="transfer")]
    answers = [[assistant_message(f"Answer {n}.")] for n in range(4)]
    model = ScriptedModel([transfer, *answers])
    async with serving(build_worker, model):
        await main("Ada")
    model.assert_complete()
    assert input_texts(model.calls[1]) == ["Hi, my name is Ada."]


def reasoning(number: int) -> ResponseReasoningItem:
    return ResponseReasoningItem(id=f"rs_{number}", type="reasoning", summary=[])


async def test_kept_answers_have_no_ids_that_refer_to_reasoning(
    capsys: pytest.CaptureFixture[str],
) -> None:
    transfer = function_call("transfer_to_spanish_agent", {}, call_id="transfer")
    model = ScriptedModel(
        [
            *([reasoning(n), assistant_message(f"Answer {n}.")] for n in range(3)),
            [reasoning(3), assistant_message("One moment."), transfer],
            [assistant_message("Hola.")],
        ]
    )
    async with serving(build_worker, model):
        await main("Ada")
    before, after = model.calls[-2:]
    assert [item["id"] for item in before.input if item.get("type") == "reasoning"] == [
        "rs_0",
        "rs_1",
        "rs_2",
    ]
    assert after.input == [
        {"role": "user", "content": DRAW},
        {"role": "assistant", "content": "Answer 2."},
        {"role": "user", "content": SPANISH},
        {"role": "assistant", "content": "One moment."},
    ]
    *_, moment, answer = capsys.readouterr().out.splitlines()
    assert (moment, answer) == ("  assistant: One moment.", "  assistant: Hola.")


async def test_empty_name_fails_before_any_model_call() -> None:
    async with serving(build_worker, ScriptedModel()):
        error = await failure_of(main(" "))
    assert (error.type, error.message) == ("InvalidInput", "user_name is empty")
