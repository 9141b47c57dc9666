"""The writer receives the feedback, rounds are limited, and the best draft is kept."""

from typing import Literal

import pytest
from agents.testing import ScriptedModel, assistant_message

from agent_patterns.models import Verdict
from agent_patterns.run_llm_as_a_judge_workflow import main
from agent_patterns.run_worker import build_worker
from tests.harness.workers import failure_of, input_texts, serving

Score = Literal["pass", "needs_improvement", "fail"]


def judged(*scores: Score) -> ScriptedModel:
    """Return a model that writes drafts 1, 2, ..., each followed by its verdict."""
    verdicts = [Verdict(score=score, feedback=f"Fix {n}.") for n, score in enumerate(scores, 1)]
    answers = [
        text
        for n, verdict in enumerate(verdicts, 1)
        for text in (f"Draft {n}.", verdict.model_dump_json())
    ]
    return ScriptedModel([[assistant_message(answer)] for answer in answers])


async def test_writer_receives_the_feedback_and_judge_receives_each_draft(
    capsys: pytest.CaptureFixture[str],
) -> None:
    model = judged("needs_improvement", "pass")
    async with serving(build_worker, model):
        await main("A lighthouse")
    assert capsys.readouterr().out == "Draft 2.\n(Passed in round 2.)\n"
    model.assert_complete()
    assert input_texts(model.calls[2]) == ["A lighthouse", "Draft 1.", "Feedback: Fix 1."]
    assert input_texts(model.calls[3]) == ["Asked for: A lighthouse\n\nDraft: Draft 2."]


@pytest.mark.parametrize(
    ("scores", "kept"),
    [
        (("fail", "needs_improvement", "fail"), "from round 2: needs_improvement"),
        (("needs_improvement", "needs_improvement", "fail"), "from round 2: needs_improvement"),
        (("fail", "fail", "fail"), "from round 3: fail"),
    ],
)
async def test_best_draft_is_returned_when_none_passes(
    scores: tuple[Score, ...], kept: str, capsys: pytest.CaptureFixture[str]
) -> None:
    model = judged(*scores)
    async with serving(build_worker, model):
        await main("A lighthouse")
    draft, note = capsys.readouterr().out.splitlines()
    assert note == f"(No draft passed in 3 rounds. This is the best one, {kept}.)"
    assert draft == f"Draft {note.split('round ')[1][0]}."
    model.assert_complete()


async def test_invalid_score_fails_the_workflow() -> None:
    model = ScriptedModel([[assistant_message("Draft.")], [assistant_message('{"score": "A+"}')]])
    async with serving(build_worker, model):
        error = await failure_of(main("A lighthouse"))
    assert error.type == "ModelBehaviorError"


async def test_empty_message_fails_before_any_model_call() -> None:
    async with serving(build_worker, ScriptedModel()):
        error = await failure_of(main(""))
    assert error.type == "InvalidInput"
