"""Failed searches: retried if the model misbehaved, named in the report, fatal if too many."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from agents import Runner
from agents.testing import ModelCall

from research_bot.run_research_workflow import main
from research_bot.run_worker import build_worker
from tests.harness.workers import bad_request, failure_of, input_texts, serving
from tests.research_bot.script import (
    MISBEHAVIOR,
    Answer,
    found,
    report_of,
    researching,
    searchers_calls,
    term_of,
)

REFUSED = "BadRequestError: Refused."


@pytest.mark.parametrize(
    ("answer", "attempts", "cause"),
    [
        (bad_request(), 1, REFUSED),
        (
            bad_request("Wrong key sk-abc*1, <html>" + " page" * 99),
            1,
            "BadRequestError: Wrong key [k",
        ),
        (MISBEHAVIOR, 2, "ModelBehaviorError: Tool no_such_tool not found"),
        (" ", 2, "ModelBehaviorError: The model's response was rejected: its answer is empty"),
    ],
    ids=["400", "long", "unknown tool", "blank"],
)
async def test_failed_search_is_named_in_the_report(
    answer: Answer, attempts: int, cause: str, tmp_path: Path
) -> None:
    model = researching(5, 6 + attempts, {"q2": answer})
    report = await report_of(model, tmp_path)
    section = report.partition("## Failed searches\n\n")[2]
    assert section.startswith(f"- q2 ({cause}")
    assert len(section) < 220
    assert searchers_calls(model).count("q2") == attempts
    assert "so do not guess:\n- q2" in input_texts(model.calls[-1])[0]


@pytest.mark.parametrize(
    "error",
    [RecursionError("too deep"), TypeError("no"), AttributeError("no"), ValueError("no")],
    ids=lambda error: type(error).__name__,
)
async def test_search_is_left_out_when_its_answer_cannot_be_parsed(
    error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Runner.run

    async def failing(agent: Any, prompt: Any, **options: Any) -> Any:
        if "Search term: q2" in prompt:
            raise error
        return await run(agent, prompt, **options)

    monkeypatch.setattr(Runner, "run", failing)
    report = await report_of(researching(5, 6), tmp_path)
    assert f"- q2 ({type(error).__name__}: " in report


async def test_search_recovers_when_the_model_misbehaves_once(tmp_path: Path) -> None:
    answers = iter([MISBEHAVIOR])

    async def search(call: ModelCall) -> Answer:
        return next(answers, found(term_of(call)))

    assert "Failed searches" not in await report_of(researching(5, 8, search), tmp_path)


async def test_report_is_written_when_half_of_the_searches_fail(tmp_path: Path) -> None:
    failing: Mapping[str, Answer] = {f"q{n}": bad_request() for n in (1, 2, 3)}
    report = await report_of(researching(6, 8, failing), tmp_path)
    assert report.count(REFUSED) == 3


async def test_run_fails_with_the_causes_when_most_searches_fail(tmp_path: Path) -> None:
    model = researching(5, 6, {f"q{n}": bad_request(f"No {n}.") for n in (1, 2, 3)})
    async with serving(build_worker, model):
        error = await failure_of(main("Why?", output=tmp_path))
    assert (error.type, error.non_retryable) == ("TooFewSearches", True)
    assert error.message.startswith("3 of 5 searches failed: ")
    assert all(f"q{n}: BadRequestError: No {n}." in error.message for n in (1, 2, 3))
    model.assert_complete()
