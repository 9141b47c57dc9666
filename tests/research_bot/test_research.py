"""A research run: the agents' inputs, the report, its limits, and rejected queries."""

from pathlib import Path

import pytest
from agents import WebSearchTool
from agents.testing import ScriptedModel

from research_bot import TASK_QUEUE
from research_bot.models import WebSearchPlan
from research_bot.pipeline.models import WebSearchItem
from research_bot.run_research_workflow import main
from research_bot.run_worker import build_worker
from tests.harness.workers import failure_of, input_texts, serving
from tests.research_bot.script import (
    REPORT,
    Answer,
    Answering,
    answering,
    found,
    report_of,
    researching,
    saved_in,
    term_of,
)

HUGE = "\x01" * 100_000  # 600 kB as JSON


async def test_report_ends_with_questions_and_all_sources(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = researching(5, calls=7)
    report = await report_of(model, tmp_path)
    sources = "\n".join(f"- [q{n}](https://q{n}.example)" for n in range(1, 6))
    expected = f"# Long\n\n## Follow-up questions\n\n- Why?\n\n## Sources\n\n{sources}\n"
    assert report == expected
    assert capsys.readouterr().out.splitlines()[1:] == [
        "Planning the searches.",
        "Searching: 5 searches.",
        "Searched: 5 done, 0 failed.",
        "Writing the report.",
        "Done: Short.",
        f"Saved {saved_in(tmp_path)}",
    ]


async def test_each_agent_receives_only_its_input(tmp_path: Path) -> None:
    model = researching(5, calls=7)
    await report_of(model, tmp_path)
    planner, searcher, *_, writer = model.calls
    assert input_texts(planner) == ["Why?"]
    [sent] = input_texts(searcher)
    assert sent == f"Search term: {term_of(searcher)}\nReason for searching: Because."
    assert isinstance(searcher.tools[0], WebSearchTool)
    assert searcher.model_settings.tool_choice == "required"
    findings = "\n\n".join(f"## q{n}\nAbout q{n}." for n in range(1, 6))
    assert input_texts(writer) == [f"Question: Why?\n\n{findings}"]


async def test_long_finding_is_truncated_for_the_writer(tmp_path: Path) -> None:
    model = researching(5, 7, {"q1": "x" * 5_000})
    await report_of(model, tmp_path)
    [sent] = input_texts(model.calls[-1])
    assert "x" * 3_000 + " … (truncated from 5,000 characters)\n\n## q2" in sent
    assert "x" * 3_001 not in sent


async def test_payloads_stay_small_when_answers_are_huge(tmp_path: Path) -> None:
    plan = WebSearchPlan(
        searches=[
            WebSearchItem(query=f"q{n}" + "\x01" * 2_000, reason="\x01" * 2_000) for n in range(20)
        ]
    )
    report = REPORT.model_copy(
        update={"short_summary": HUGE, "follow_up_questions": ["\x01" * 1_000] * 100}
    )
    answers: dict[str, Answer | Answering] = {
        "Plan web searches": plan,
        "Search the web": [*found("\x01" * 10_000), *found("t" * 10_000)],
        "Write a research report": report,
    }
    async with serving(build_worker, answering(answers, 22)) as client:
        await main("Why?", output=tmp_path)
        [run] = [run async for run in client.list_workflows(f"TaskQueue = '{TASK_QUEUE}'")][:1]
        handle = client.get_workflow_handle(run.id, run_id=run.run_id)
        history = await handle.fetch_history()
    sent = [event.activity_task_scheduled_event_attributes.input for event in history.events]
    assert max(payloads.ByteSize() for payloads in sent) < 700_000
    assert saved_in(tmp_path).stat().st_size < 700_000


async def test_run_fails_with_the_size_when_the_report_is_too_large(tmp_path: Path) -> None:
    report = REPORT.model_copy(update={"markdown_report": "x" * 1_000_000})
    async with serving(build_worker, researching(5, 7, report=report)):
        error = await failure_of(main("Why?", output=tmp_path))
    assert error.type == "ReportTooLarge"
    assert error.message == "the writer's report is 1,000,000 characters; the limit is 100,000"


@pytest.mark.parametrize("count", [4, 21])
async def test_run_fails_when_the_plan_is_out_of_bounds(count: int, tmp_path: Path) -> None:
    async with serving(build_worker, researching(count, calls=1)):
        error = await failure_of(main("Why?", output=tmp_path))
    assert error.type == "ModelBehaviorError"


@pytest.mark.parametrize(
    ("query", "message"), [(" ", "is empty"), ("x" * 2_001, "the limit is 2,000")]
)
async def test_invalid_query_fails_before_any_model_call(
    query: str, message: str, tmp_path: Path
) -> None:
    async with serving(build_worker, ScriptedModel()):
        error = await failure_of(main(query, output=tmp_path))
    assert error.type == "InvalidInput"
    assert message in error.message
