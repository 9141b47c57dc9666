"""A scripted model that answers by agent: parallel searches call it in any order."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

from agents.items import TResponseOutputItem
from agents.testing import ModelCall, ModelStep, ScriptedModel, assistant_message, function_call
from openai.types.responses import ResponseOutputMessage, ResponseOutputText
from openai.types.responses.response_output_text import AnnotationURLCitation
from pydantic import BaseModel

from research_bot.models import WebSearchPlan
from research_bot.pipeline.models import ReportData, WebSearchItem
from research_bot.run_research_workflow import main
from research_bot.run_worker import build_worker
from tests.harness.workers import input_texts, serving

Answer = str | BaseModel | Sequence[TResponseOutputItem] | Exception
Answering = Callable[[ModelCall], Awaitable[Answer]]

REPORT = ReportData(short_summary="Short.", markdown_report="# Long", follow_up_questions=["Why?"])
MISBEHAVIOR = [function_call("no_such_tool", {}, call_id="1")]


def answering(answers: Mapping[str, Answer | Answering], calls: int) -> ScriptedModel:
    """Return a model for `calls` calls, which answers by a phrase in the instructions."""

    async def respond(call: ModelCall) -> Sequence[TResponseOutputItem]:
        instructions = call.system_instructions or ""
        [answer] = [answer for words, answer in answers.items() if words in instructions]
        if callable(answer):
            answer = await answer(call)
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, BaseModel):
            answer = answer.model_dump_json()
        return [assistant_message(answer)] if isinstance(answer, str) else answer

    return ScriptedModel([ModelStep.respond(respond)] * calls)


def researching(
    count: int,
    calls: int,
    search: Mapping[str, Answer] | Answering | None = None,
    report: Answer | Answering = REPORT,
) -> ScriptedModel:
    """Return a model that plans `count` searches, q1, q2, …, and writes a report.

    Args:
        count: The number of planned searches.
        calls: The number of expected calls.
        search: Answers by search term; other searches return a page.
        report: The writer's answer.
    """

    async def by_term(call: ModelCall) -> Answer:
        scripted = search if isinstance(search, Mapping) else {}
        return scripted.get(term_of(call), found(term_of(call)))

    answers: dict[str, Answer | Answering] = {
        "Plan web searches": plan(count),
        "Search the web": search if callable(search) else by_term,
        "Write a research report": report,
    }
    return answering(answers, calls)


def plan(count: int) -> WebSearchPlan:
    """Return a plan of `count` searches, without checking the limits."""
    searches = [WebSearchItem(reason="Because.", query=f"q{n + 1}") for n in range(count)]
    return WebSearchPlan.model_construct(searches=searches)


def term_of(call: ModelCall) -> str:
    """Return the search term of a searcher's call."""
    found = re.search("Search term: (.+)", input_texts(call)[0])
    assert found
    return found[1]


def found(term: str) -> Sequence[TResponseOutputItem]:
    """Return an answer that cites one page."""
    page = AnnotationURLCitation(
        type="url_citation", title=term, url=f"https://{term}.example", start_index=0, end_index=1
    )
    text = ResponseOutputText(type="output_text", text=f"About {term}.", annotations=[page])
    return [
        ResponseOutputMessage(
            id="m", type="message", role="assistant", status="completed", content=[text]
        )
    ]


def searchers_calls(model: ScriptedModel) -> list[str]:
    """Return the search term of each searcher's call, sorted."""
    calls = [call for call in model.calls if "Search the web" in (call.system_instructions or "")]
    return sorted(term_of(call) for call in calls)


async def report_of(model: ScriptedModel, folder: Path) -> str:
    """Run the starter and return the saved report."""
    async with serving(build_worker, model):
        await main("Why?", output=folder)
    model.assert_complete()
    return saved_in(folder).read_text(encoding="utf-8")


def saved_in(folder: Path) -> Path:
    """Return the path of the only report in a folder."""
    [report] = folder.iterdir()
    return report


class Gate:
    """Blocks every call until it is opened; counts the callers that are cancelled."""

    def __init__(self, answer: Callable[[ModelCall], Answer]) -> None:
        self.waiting = 0
        self._cancelled = asyncio.Semaphore(0)
        self._answer = answer
        self._open = asyncio.Event()

    def open(self) -> None:
        self._open.set()

    async def wait_for_cancelled(self, callers: int) -> None:
        """Wait until `callers` callers have been cancelled."""
        for _ in range(callers):
            await self._cancelled.acquire()

    async def __call__(self, call: ModelCall) -> Answer:
        self.waiting += 1
        try:
            await self._open.wait()
        except asyncio.CancelledError:
            self._cancelled.release()
            raise
        return self._answer(call)
