"""A financial report: analysts help, and whose failure ends it is whose answer it needs."""

import asyncio
from pathlib import Path

import pytest
from agents.testing import ModelCall, ScriptedModel
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import CancelledError

from financial_research_agent import TASK_QUEUE
from financial_research_agent.run_financial_research_workflow import main
from financial_research_agent.run_worker import build_worker
from financial_research_agent.workflows.financial_research import FinancialResearchWorkflow
from tests.financial_research_agent.script import (
    ANALYSIS,
    APPROVED,
    ASK_BOTH,
    SEARCHES,
    analysing,
    draft,
    report_of,
    sent_to,
)
from tests.harness.workers import failure_of, serving
from tests.research_bot.script import MISBEHAVIOUR, Answer, refusal


async def test_an_approved_report_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = analysing([draft("First")], [APPROVED], calls=SEARCHES + 3)
    report = await report_of(model, tmp_path)
    approved = "The verifier approved this report. Revisions: 0."
    assert report.startswith(f"# First\n\n## Verification\n\n{approved}\n\n## Sources\n\n- [q1]")
    [[audited]] = sent_to(model, "Audit")
    assert audited == "Question: How is ACME?\n\n# First"
    said = capsys.readouterr().out
    assert "Writing the report.\nVerifying the report.\nDone: In short: First.\n" in said


async def test_the_writer_reads_what_the_analysts_say(tmp_path: Path) -> None:
    model = analysing([ASK_BOTH, draft("First")], [APPROVED], calls=SEARCHES + 6)
    await report_of(model, tmp_path)
    assert sent_to(model, "analyst for fundamentals") == [["Sales: 3."]]
    assert sent_to(model, "analyst for risk") == [["Recalls: 2."]]
    # The text of the answer alone, taken out of its JSON.
    assert sent_to(model, "Write a financial report")[1][1:] == ["All is well."] * 2


@pytest.mark.parametrize(
    ("analyst", "cause"),
    [
        (refusal(), "BadRequestError: Refused."),
        (MISBEHAVIOUR, "ModelBehaviorError: Tool no_such_tool not found"),
        ("no JSON", "ModelBehaviorError: Invalid JSON"),
    ],
    ids=["400", "unknown tool", "malformed"],
)
async def test_a_failed_analyst_is_reported_to_the_writer(
    analyst: Answer, cause: str, tmp_path: Path
) -> None:
    model = analysing([ASK_BOTH, draft("First")], [APPROVED], SEARCHES + 6, analyst)
    assert (await report_of(model, tmp_path)).startswith("# First")
    told = sent_to(model, "Write a financial report")[1][1:]
    assert [text.startswith(f"The analyst failed: {cause}") for text in told] == [True, True]


async def test_a_failed_planner_ends_the_report(tmp_path: Path) -> None:
    model = ScriptedModel([refusal()])
    async with serving(build_worker, model):
        error = await failure_of(main("How is ACME?", output=tmp_path))
    assert (error.type, error.message) == ("BadRequestError", "Refused.")


@pytest.mark.parametrize(
    ("calls", "drafts", "verdicts"),
    [(6 + 1, [refusal()], []), (6 + 2, [draft("First")], [refusal()])],
    ids=["writer", "verifier"],
)
async def test_a_failed_writer_or_verifier_ends_the_report(
    calls: int, drafts: list[Answer], verdicts: list[Answer], tmp_path: Path
) -> None:
    async with serving(build_worker, model := analysing(drafts, verdicts, calls)):
        error = await failure_of(main("How is ACME?", output=tmp_path))
    assert error.type == "BadRequestError"
    model.assert_complete()


@pytest.mark.parametrize("query", ["", "x" * 2_001])
async def test_a_bad_query_fails_before_any_call(query: str, tmp_path: Path) -> None:
    async with serving(build_worker, ScriptedModel()):
        error = await failure_of(main(query, output=tmp_path))
    assert error.type == "InvalidInput"


async def test_a_cancellation_stops_the_analysts() -> None:
    asked, late = asyncio.Event(), asyncio.Event()

    async def think(call: ModelCall) -> Answer:
        asked.set()
        await late.wait()
        return ANALYSIS

    model = analysing([ASK_BOTH, draft("First")], [], SEARCHES + 10, think)
    async with serving(build_worker, model) as client:
        handle = await client.start_workflow(
            FinancialResearchWorkflow.run, "Wait", id="analysts-cancelled", task_queue=TASK_QUEUE
        )
        await asked.wait()
        await handle.cancel()
        with pytest.raises(WorkflowFailureError) as failure:
            await handle.result()
        now = await handle.query(FinancialResearchWorkflow.get_progress)
        late.set()
    assert isinstance(failure.value.cause, CancelledError)
    assert (now.phase, now.earlier[-1]) == ("cancelled", "writing")
    assert len(sent_to(model, "Write a financial report")) == 1
