"""A scripted model that answers by agent: drafts and verdicts in order."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from agents.testing import ModelCall, ScriptedModel, function_call

from financial_research_agent.models import AnalysisSummary, FinancialReportData, VerificationResult
from financial_research_agent.run_financial_research_workflow import main
from financial_research_agent.run_worker import build_worker
from tests.harness.workers import input_texts, serving
from tests.research_bot.script import (
    Answer,
    Answering,
    answering,
    found,
    plan,
    saved_in,
    term_of,
)

SEARCHES = 5

ANALYSIS = AnalysisSummary(summary="All is well.")
APPROVED = VerificationResult(verified=True, issues=[])
ASK_BOTH = [
    function_call("fundamentals_analysis", {"input": "Sales: 3."}, call_id="1"),
    function_call("risk_analysis", {"input": "Recalls: 2."}, call_id="2"),
]


def draft(text: str) -> FinancialReportData:
    """Return a report."""
    return FinancialReportData(
        short_summary=f"In short: {text}.", markdown_report=f"# {text}", follow_up_questions=[]
    )


def rejected(*issues: str) -> VerificationResult:
    """Return a verdict with issues."""
    return VerificationResult(verified=False, issues=[*issues])


def analyzing(
    writer: Iterable[Answer],
    verifier: Iterable[Answer],
    calls: int,
    analyst: Answer | Answering = ANALYSIS,
) -> ScriptedModel:
    """Return a model that plans five searches, all of which succeed.

    Args:
        writer: The writer's answers, in order.
        verifier: The verifier's answers, in order.
        calls: The number of expected calls.
        analyst: Each analyst's answer.
    """

    async def search(call: ModelCall) -> Answer:
        return found(term_of(call))

    answers: dict[str, Answer | Answering] = {
        "Plan web searches": plan(5),
        "Search the web": search,
        "You are a financial analyst": analyst,
        "Write a financial report": in_order(writer),
        "Audit a financial report": in_order(verifier),
    }
    return answering(answers, calls)


def in_order(answers: Iterable[Answer]) -> Answering:
    """Return an answer function that returns the answers in order."""
    remaining = iter(answers)

    async def next_answer(call: ModelCall) -> Answer:
        return next(remaining)

    return next_answer


def inputs_of(model: ScriptedModel, words: str) -> Sequence[list[str]]:
    """Return the input texts of an agent's calls, found by a phrase in its instructions."""
    return [input_texts(call) for call in model.calls if words in (call.system_instructions or "")]


async def report_of(model: ScriptedModel, folder: Path) -> str:
    """Run the starter and return the saved report."""
    async with serving(build_worker, model):
        await main("How is ACME?", output=folder)
    model.assert_complete()
    return saved_in(folder).read_text(encoding="utf-8")
