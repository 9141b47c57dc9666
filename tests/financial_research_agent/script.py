"""A model that answers by who asks: drafts and verdicts in the order of their rounds."""

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


def refused(*issues: str) -> VerificationResult:
    """Return a verdict that asks for a revision."""
    return VerificationResult(verified=False, issues=[*issues])


def analysing(
    writer: Iterable[Answer],
    verifier: Iterable[Answer],
    calls: int,
    analyst: Answer | Answering = ANALYSIS,
) -> ScriptedModel:
    """Return a model that plans five searches, which all find something.

    Args:
        writer: What the writer says, call by call.
        verifier: What the verifier says, call by call.
        calls: How many calls there are to be.
        analyst: What each analyst says.
    """

    async def search(call: ModelCall) -> Answer:
        return found(term_of(call))

    answers: dict[str, Answer | Answering] = {
        "Plan web searches": plan(5),
        "Search the web": search,
        "You are a financial analyst": analyst,
        "Write a financial report": one_by_one(writer),
        "Audit a financial report": one_by_one(verifier),
    }
    return answering(answers, calls)


def one_by_one(answers: Iterable[Answer]) -> Answering:
    """Return what gives the answers in order."""
    left = iter(answers)

    async def next_answer(call: ModelCall) -> Answer:
        return next(left)

    return next_answer


def sent_to(model: ScriptedModel, words: str) -> Sequence[list[str]]:
    """Return the texts that each call of an agent sent, by words of its instructions."""
    return [input_texts(call) for call in model.calls if words in (call.system_instructions or "")]


async def report_of(model: ScriptedModel, folder: Path) -> str:
    """Run the starter; return the report that it saved."""
    async with serving(build_worker, model):
        await main("How is ACME?", output=folder)
    model.assert_complete()
    return saved_in(folder).read_text(encoding="utf-8")
