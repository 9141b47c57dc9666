"""A fixed chain of agents with a gate."""

import pytest
from agents.testing import ScriptedModel, assistant_message

from agent_patterns.models import OutlineCheck
from agent_patterns.run_deterministic_workflow import main
from agent_patterns.run_worker import build_worker
from tests.harness.workers import failure_of, input_texts, serving


def check(*, good: bool, science_fiction: bool) -> str:
    """Return the checker's output."""
    return OutlineCheck(
        good_quality=good, is_science_fiction=science_fiction, reason="Too short."
    ).model_dump_json()


async def test_each_agent_receives_the_previous_output(
    capsys: pytest.CaptureFixture[str],
) -> None:
    good = check(good=True, science_fiction=True)
    answers = ("An outline.", good, "A story.")
    model = ScriptedModel([[assistant_message(answer)] for answer in answers])
    async with serving(build_worker, model):
        await main("Mars")
    assert capsys.readouterr().out == "A story.\n"
    model.assert_complete()
    assert [input_texts(call) for call in model.calls] == [
        ["Mars"],
        ["An outline."],
        ["An outline."],
    ]


@pytest.mark.parametrize(("good", "science_fiction"), [(True, False), (False, True)])
async def test_gate_stops_the_chain_and_returns_the_reason(
    good: bool, science_fiction: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = check(good=good, science_fiction=science_fiction)
    model = ScriptedModel([[assistant_message("An outline.")], [assistant_message(bad)]])
    async with serving(build_worker, model):
        await main("A bakery")
    assert capsys.readouterr().out == "No story was written: Too short.\n"
    model.assert_complete()


async def test_invalid_verdict_fails_the_workflow() -> None:
    model = ScriptedModel([[assistant_message("An outline.")], [assistant_message("Fine!")]])
    async with serving(build_worker, model):
        error = await failure_of(main("Mars"))
    assert error.type == "ModelBehaviorError"
    model.assert_complete()


async def test_empty_prompt_fails_before_any_model_call() -> None:
    async with serving(build_worker, ScriptedModel()):
        error = await failure_of(main(""))
    assert (error.type, error.message) == ("InvalidInput", "input_prompt is empty")
