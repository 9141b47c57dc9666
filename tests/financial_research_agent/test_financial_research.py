"""A financial report: analysts may fail; the planner, writer and verifier may not."""

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
    analyzing,
    draft,
    inputs_of,
    report_of,
)
from tests.harness.workers import bad_request, failure_of, serving
from tests.research_bot.script import MISBEHAVIOR, Answer


async def test_approved_report_contains_the_verdict(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = analyzing([draft("First")], [APPROVED], calls=SEARCHES + 3)
    report = await report_of(model, tmp_path)
    approved = "The verifier approved this report. Revisions: 0."
    assert report.startswith(f"# First\n\n## Verification\n\n{approved}\n\n## Sources\n\n- [q1]")
    [[audited]] = inputs_of(model, "Audit")
    assert audited == "Question: How is ACME?\n\n# First"
    printed = capsys.readouterr().out
    assert "Writing the report.\nVerifying the report.\nDone: In short: First.\n" in printed


async def test_writer_receives_the_analyses(tmp_path: Path) -> None:
    model = analyzing([ASK_BOTH, draft("First")], [APPROVED], calls=SEARCHES + 6)
    await report_of(model, tmp_path)
    assert inputs_of(model, "analyst for fundamentals") == [["Sales: 3."]]
    assert inputs_of(model, "analyst for risk") == [["Recalls: 2."]]
    # The text alone, without the JSON around it.
    assert inputs_of(model, "Write a financial report")[1][1:] == ["All is well."] * 2


@pytest.mark.parametrize(
    ("analyst", "cause"),
    [
        (bad_request(), "BadRequestError: Refused."),
        (MISBEHAVIOR, "ModelBehaviorError: Tool no_such_tool not found"),
        ("no JSON", "ModelBehaviorError: Invalid JSON"),
    ],
    ids=["400", "unknown tool", "malformed"],
)
async def test_failed_analyst_is_reported_to_the_writer(
    analyst: Answer, cause: str, tmp_path: Path
) -> None:
    model = analyzing([ASK_BOTH, draft("First")], [APPROVED], SEARCHES + 6, analyst)
    assert (await report_of(model, tmp_path)).startswith("# First")
    outputs = inputs_of(model, "Write a financial report")[1][1:]
    assert [text.startswith(f"The analyst failed: {cause}") for text in outputs] == [True, True]


async def test_run_fails_when_the_planner_fails(tmp_path: Path) -> None:
    model = ScriptedModel([bad_request()])
    async with serving(build_worker, model):
        error = await failure_of(main("How is ACME?", output=tmp_path))
    assert (error.type, error.message) == ("BadRequestError", "Refused.")


@pytest.mark.parametrize(
    ("calls", "drafts", "verdicts"),
    [(6 + 1, [bad_request()], []), (6 + 2, [draft("First")], [bad_request()])],
    ids=["writer", "verifier"],
)
async def test_run_fails_when_the_writer_or_verifier_fails(
    calls: int, drafts: list[Answer], verdicts: list[Answer], tmp_path: Path
) -> None:
    async with serving(build_worker, model := analyzing(drafts, verdicts, calls)):
        error = await failure_of(main("How is ACME?", output=tmp_path))
    assert error.type == "BadRequestError"
    model.assert_complete()


@pytest.mark.parametrize("query", ["", "x" * 2_001])
async def test_invalid_query_fails_before_any_model_call(query: str, tmp_path: Path) -> None:
    async with serving(build_worker, ScriptedModel()):
        error = await failure_of(main(query, output=tmp_path))
    assert error.type == "InvalidInput"


async def test_cancellation_stops_the_analysts() -> None:
    called, released = asyncio.Event(), asyncio.Event()

    async def think(call: ModelCall) -> Answer:
        called.set()
        await released.wait()
        return ANALYSIS

    model = analyzing([ASK_BOTH, draft("First")], [], SEARCHES + 10, think)
    async with serving(build_worker, model) as client:
        handle = await client.start_workflow(
            FinancialResearchWorkflow.run, "Wait", id="analysts-cancelled", task_queue=TASK_QUEUE
        )
        await called.wait()
        await handle.cancel()
        with pytest.raises(WorkflowFailureError) as failure:
            await handle.result()
        now = await handle.query(FinancialResearchWorkflow.get_progress)
        released.set()
    assert isinstance(failure.value.cause, CancelledError)
    assert (now.phase, now.earlier[-1]) == ("cancelled", "writing")
    assert len(inputs_of(model, "Write a financial report")) == 1
