"""Hosted tools and reasoning: as replies over the wire, and as the autopilot uses them."""

import base64
from collections.abc import Sequence
from typing import cast

import pytest
from agents import (
    Agent,
    CodeInterpreterTool,
    FileSearchTool,
    HostedMCPTool,
    MCPToolApprovalFunctionResult,
    MCPToolApprovalRequest,
    ModelSettings,
    OpenAIChatCompletionsModel,
    OpenAIResponsesModel,
    RunConfig,
    Runner,
    Tool,
    WebSearchTool,
)
from openai import AsyncOpenAI, BadRequestError, NotFoundError, OpenAI
from openai.types.responses import (
    Response,
    ResponseIncludable,
    ResponseReasoningItem,
    ToolParam,
)
from openai.types.responses.tool_param import Mcp
from openai.types.shared import Reasoning

from offline_model import autopilot
from offline_model.images import Image
from offline_model.json_text import Json
from offline_model.model_reply import (
    Page,
    Reply,
    SearchResult,
    code_interpreter,
    file_search,
    image_generation,
    mcp_approval_request,
    mcp_call,
    mcp_list_tools,
    reasoning,
    say_citing,
    together,
    web_search,
)
from offline_model.server import OfflineModel

PAGE = Page("Clocks", "https://example.com/clocks")
PASSAGE = SearchResult("file-1", "dogs.md", 0.5, "Dogs are welcome.")
EVERYTHING = together(
    reasoning("First, look.", "Then answer."),
    web_search("clocks", PAGE),
    file_search(["dogs"], [PASSAGE]),
    code_interpreter("print(1)", "1\n"),
    image_generation("aGk="),
    mcp_list_tools("wiki", {"search": "Finds pages."}),
    mcp_approval_request("wiki", "search", {"query": "clocks"}),
    mcp_call("wiki", "search", {"query": "clocks"}, "12 pages"),
    say_citing("They tick.", PAGE, PASSAGE),
)
INCLUDE: list[ResponseIncludable] = [
    "file_search_call.results",
    "code_interpreter_call.outputs",
    "web_search_call.action.sources",
]
KINDS = [
    "reasoning",
    "web_search_call",
    "file_search_call",
    "code_interpreter_call",
    "image_generation_call",
    "mcp_list_tools",
    "mcp_approval_request",
    "mcp_call",
    "message",
]


@pytest.fixture
def everything(monkeypatch: pytest.MonkeyPatch) -> Reply:
    monkeypatch.setattr(autopilot, "reply_to", lambda seen: EVERYTHING)
    return EVERYTHING


def without_ids(response: Response) -> list[Json]:
    return [item.model_dump(exclude={"id"}) for item in response.output]


@pytest.mark.usefixtures("everything")
def test_every_kind_of_item_arrives_the_same_plain_and_streamed(client: OpenAI) -> None:
    plain = client.responses.create(model="m", input="Hi", include=INCLUDE)
    with client.responses.stream(model="m", input="Hi", include=INCLUDE) as stream:
        events = list(stream)
        streamed = stream.get_final_response()

    assert [item.type for item in plain.output] == KINDS
    assert [item["type"] for item in without_ids(streamed)] == KINDS
    assert streamed.output_text == plain.output_text
    assert [event.sequence_number for event in events] == list(range(len(events)))
    done = [event.item for event in events if event.type == "response.output_item.done"]
    assert [item.type for item in done] == KINDS
    assert len({item.id for item in plain.output}) == len(KINDS)


@pytest.mark.usefixtures("everything")
def test_the_text_cites_pages_and_files(client: OpenAI) -> None:
    message = client.responses.create(model="m", input="Hi").output[-1]

    assert message.type == "message"
    part = message.content[0]
    assert part.type == "output_text"
    page, file = part.annotations
    assert page.type == "url_citation"
    assert part.text[page.start_index : page.end_index] == f"([{PAGE.title}]({PAGE.url}))"
    assert file.type == "file_citation"
    assert file.filename == "dogs.md"


@pytest.mark.usefixtures("everything")
def test_what_must_be_asked_for_is_not_shown_unasked(client: OpenAI) -> None:
    hidden = client.responses.create(model="m", input="Hi").model_dump_json()
    shown = client.responses.create(model="m", input="Hi", include=INCLUDE).model_dump_json()

    for secret in ("Dogs are welcome", '"logs":"1', '"sources":[{'):
        assert secret not in hidden
        assert secret in shown


def text_and_kinds(client: OpenAI, text: str, *tools: ToolParam) -> tuple[str, list[str]]:
    response = client.responses.create(model="m", input=text, tools=list(tools))
    return response.output_text, [item.type for item in response.output]


def test_the_web_is_searched_when_that_is_offered(client: OpenAI) -> None:
    text, kinds = text_and_kinds(client, "Any news?", {"type": "web_search"})

    assert kinds == ["web_search_call", "message"]
    assert "https://example.com/" in text


@pytest.mark.parametrize(("question", "result"), [("What is 17 times 23?", "391"), ("Hello", None)])
def test_code_runs_where_there_is_arithmetic(
    client: OpenAI, question: str, result: str | None
) -> None:
    tool: ToolParam = {"type": "code_interpreter", "container": {"type": "auto"}}
    text, kinds = text_and_kinds(client, question, tool)

    assert ("code_interpreter_call" in kinds) == (result is not None)
    assert (result or "Hello") in text


def test_a_picture_is_drawn_when_one_is_asked_for(client: OpenAI) -> None:
    drawn = [
        client.responses.create(model="m", input=text, tools=[{"type": "image_generation"}])
        for text in ("Draw a cat", "Draw a cat", "Draw a dog", "Hello")
    ]
    (cat, again, dog), nothing = [response.output[0] for response in drawn[:3]], drawn[3]

    assert cat.type == again.type == dog.type == "image_generation_call"
    picture = Image.of(base64.b64decode(cat.result or ""))
    assert (picture.media_type, picture.width, picture.height) == ("image/png", 320, 240)
    assert cat.result == again.result != dog.result
    assert [item.type for item in nothing.output] == ["message"]


def test_the_uploaded_files_are_searched_and_cited(client: OpenAI) -> None:
    files = {"dogs.md": b"# Dogs\n\nDogs are welcome.", "cats.md": b"Cats stay at home."}
    ids = [client.files.create(file=each, purpose="assistants").id for each in files.items()]
    store = client.vector_stores.create(name="docs", file_ids=ids)
    text, kinds = text_and_kinds(
        client, "Are dogs welcome?", {"type": "file_search", "vector_store_ids": [store.id]}
    )

    assert kinds == ["file_search_call", "message"]
    assert "dogs.md says: Dogs are welcome." in text
    assert "Cats" not in text


def test_an_unknown_store_is_refused(client: OpenAI) -> None:
    with pytest.raises(NotFoundError, match="'vs_gone' not found"):
        text_and_kinds(client, "Hi", {"type": "file_search", "vector_store_ids": ["vs_gone"]})


def wiki(**settings: object) -> Mcp:
    server: Json = {"type": "mcp", "server_label": "wiki", "server_url": "https://x.example/mcp"}
    return cast("Mcp", server | settings)


READING: Json = {"require_approval": {"never": {"tool_names": ["read"]}}}


@pytest.mark.parametrize(
    ("settings", "asks"),
    [
        ({}, True),
        ({"require_approval": "always"}, True),
        ({"require_approval": "never"}, False),
        (READING | {"allowed_tools": ["read"]}, False),
        (READING, True),
    ],
)
def test_a_server_is_called_or_approval_asked_for(
    client: OpenAI, settings: Json, asks: bool
) -> None:
    _, kinds = text_and_kinds(client, "Hi", wiki(**settings))

    last = ["mcp_approval_request"] if asks else ["mcp_call", "message"]
    assert kinds == ["mcp_list_tools", *last]


def test_an_approval_of_nothing_is_refused(client: OpenAI) -> None:
    with pytest.raises(BadRequestError, match="No approval request found"):
        client.responses.create(
            model="m",
            input=[
                {"type": "mcp_approval_response", "approval_request_id": "mcpr_1", "approve": True}
            ],
        )


@pytest.mark.parametrize(
    ("fault", "kinds"),
    [
        ("unknown_tool", ["function_call"]),
        ("malformed_arguments", ["function_call"]),
        ("wrong_arguments", ["function_call"]),
        ("tool_loop", ["web_search_call"]),
        ("empty", []),
    ],
)
def test_a_model_with_hosted_tools_alone_misbehaves_too(
    model: OfflineModel, client: OpenAI, fault: str, kinds: list[str]
) -> None:
    model.faults.next(fault)

    assert text_and_kinds(client, "Any news?", {"type": "web_search"})[1] == kinds
    assert model.calls[-1].applied


QUIET = RunConfig(tracing_disabled=True)


async def answer(client: AsyncOpenAI, text: str, tools: Sequence[Tool], streamed: bool) -> str:
    agent = Agent(name="A", model=OpenAIResponsesModel("gpt-5", client), tools=list(tools))
    if not streamed:
        return str((await Runner.run(agent, text, run_config=QUIET)).final_output)
    result = Runner.run_streamed(agent, text, run_config=QUIET)
    _ = [event async for event in result.stream_events()]
    return str(result.final_output)


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize(
    ("approve", "told"), [(True, "You allowed the call"), (False, "not allowed to call search")]
)
async def test_a_decision_reaches_the_model(
    async_client: AsyncOpenAI, approve: bool, told: str, streamed: bool
) -> None:
    asked: list[str] = []

    def decide(request: MCPToolApprovalRequest) -> MCPToolApprovalFunctionResult:
        asked.append(request.data.name)
        return {"approve": approve} if approve else {"approve": False, "reason": "too late"}

    tool = HostedMCPTool(tool_config=wiki(), on_approval_request=decide)
    text = await answer(async_client, "Hi", [tool], streamed)

    assert asked == ["search"]
    assert told in text
    assert ("too late" in text) != approve


@pytest.mark.parametrize("streamed", [False, True])
async def test_several_tools_are_used_in_one_answer(
    async_client: AsyncOpenAI, client: OpenAI, streamed: bool
) -> None:
    store = client.vector_stores.create(name="empty")
    tools: list[Tool] = [
        WebSearchTool(),
        FileSearchTool([store.id]),
        CodeInterpreterTool({"type": "code_interpreter", "container": {"type": "auto"}}),
    ]
    text = await answer(async_client, "What is 2 + 2?", tools, streamed)

    assert "The files say nothing of that. The code printed 4." in text
    assert "example.com" in text


@pytest.mark.parametrize("chat", [False, True])
@pytest.mark.parametrize("streamed", [False, True])
async def test_thoughts_are_told_on_request(
    async_client: AsyncOpenAI, chat: bool, streamed: bool
) -> None:
    model = (OpenAIChatCompletionsModel if chat else OpenAIResponsesModel)("gpt-5", async_client)
    thinking = Reasoning(effort="high") if chat else Reasoning(summary="auto")
    for settings in (ModelSettings(reasoning=thinking), ModelSettings()):
        agent = Agent(name="A", model=model, model_settings=settings)
        if streamed:
            result = Runner.run_streamed(agent, "Why?", run_config=QUIET)
            _ = [event async for event in result.stream_events()]
            items = result.new_items
        else:
            items = (await Runner.run(agent, "Why?", run_config=QUIET)).new_items
        raw = [item.raw_item for item in items]
        thoughts = [item for item in raw if isinstance(item, ResponseReasoningItem)]
        summaries = [part.text for thought in thoughts for part in thought.summary]
        assert any("I am asked: Why?" in text for text in summaries) == bool(settings.reasoning)
