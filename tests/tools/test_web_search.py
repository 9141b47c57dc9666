"""Web search uses the given city, and the answer lists the cited pages."""

import pytest
from agents import WebSearchTool
from agents.items import TResponseOutputItem
from agents.testing import ScriptedModel, assistant_message
from openai.types.responses import (
    ResponseFunctionWebSearch,
    ResponseOutputMessage,
    ResponseOutputText,
)
from openai.types.responses.response_function_web_search import ActionSearch
from openai.types.responses.response_output_text import AnnotationURLCitation

from tests.harness.workers import failure_of, input_texts, serving
from tools.run_web_search_workflow import main
from tools.run_worker import build_worker

SEARCH = ResponseFunctionWebSearch(
    id="ws_1",
    type="web_search_call",
    status="completed",
    action=ActionSearch(type="search", query="tide clocks"),
)


def message(text: str, **pages: str) -> TResponseOutputItem:
    citations = [
        AnnotationURLCitation(
            type="url_citation", title=title, url=url, start_index=0, end_index=len(text)
        )
        for title, url in pages.items()
    ]
    content = ResponseOutputText(type="output_text", text=text, annotations=[*citations])
    return ResponseOutputMessage(
        id="msg_1", type="message", role="assistant", status="completed", content=[content]
    )


async def test_answer_lists_its_sources(capsys: pytest.CaptureFixture[str]) -> None:
    answer = message("They tick.", Clocks="https://a.example/", Tides="https://b.example/")
    model = ScriptedModel([[SEARCH, answer]])
    async with serving(build_worker, model):
        await main("How do tide clocks work?", "Oslo")
    assert capsys.readouterr().out == (
        "They tick.\n\nSources:\n- Clocks: https://a.example/\n- Tides: https://b.example/\n"
    )
    model.assert_complete()
    (call,) = model.calls
    assert input_texts(call) == ["How do tide clocks work?"]
    (tool,) = call.tools
    assert isinstance(tool, WebSearchTool)
    assert tool.user_location == {"type": "approximate", "city": "Oslo"}


async def test_page_is_listed_once(capsys: pytest.CaptureFixture[str]) -> None:
    twice = [message("One.", Clocks="https://a.example/"), message("Two.", A="https://a.example/")]
    async with serving(build_worker, ScriptedModel([[SEARCH, *twice]])):
        await main("How do tide clocks work?")
    assert capsys.readouterr().out.count("https://a.example/") == 1


async def test_answer_without_sources_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    async with serving(build_worker, ScriptedModel([[assistant_message("I guess so.")]])):
        await main("How do tide clocks work?")
    assert capsys.readouterr().out == "I guess so.\n\nSources: none cited\n"


@pytest.mark.parametrize(
    ("question", "city", "name"), [(" ", "Oslo", "question"), ("Why?", "", "user_city")]
)
async def test_empty_argument_fails(question: str, city: str, name: str) -> None:
    model = ScriptedModel()
    async with serving(build_worker, model):
        error = await failure_of(main(question, city))
    assert error.type == "InvalidInput"
    assert f"{name} is empty" in error.message
    assert model.calls == ()
