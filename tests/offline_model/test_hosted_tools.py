"""Hosted tools and reasoning, over the wire."""

import pytest
from agents import (
    Agent,
    HostedMCPTool,
    MCPToolApprovalFunctionResult,
    MCPToolApprovalRequest,
    ModelSettings,
    OpenAIChatCompletionsModel,
    OpenAIResponsesModel,
    RunConfig,
    Runner,
)
from openai import AsyncOpenAI, BadRequestError, NotFoundError, OpenAI
from openai.types.responses import (
    Response,
    ResponseIncludable,
    ResponseReasoningItem,
    ToolParam,
)
from openai.types.shared import Reasoning

from offline_model import fallback
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
    say,
    say_citing,
    together,
    web_search,
)
from offline_model.model_request import ModelRequest
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
    monkeypatch.setattr(fallback, "reply_to", lambda request: EVERYTHING)
    return EVERYTHING


def without_ids(response: Response) -> list[Json]:
    return [item.model_dump(exclude={"id"}) for item in response.output]


@pytest.mark.usefixtures("everything")
def test_every_kind_of_item_is_the_same_plain_and_streamed(client: OpenAI) -> None:
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
def test_text_cites_pages_and_files(client: OpenAI) -> None:
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
def test_details_are_sent_only_when_included(client: OpenAI) -> None:
    hidden = client.responses.create(model="m", input="Hi").model_dump_json()
    shown = client.responses.create(model="m", input="Hi", include=INCLUDE).model_dump_json()

    for secret in ("Dogs are welcome", '"logs":"1', '"sources":[{'):
        assert secret not in hidden
        assert secret in shown


def text_and_kinds(client: OpenAI, text: str, *tools: ToolParam) -> tuple[str, list[str]]:
    response = client.responses.create(model="m", input=text, tools=list(tools))
    return response.output_text, [item.type for item in response.output]


def test_fallback_leaves_hosted_tools_unused(client: OpenAI) -> None:
    text, kinds = text_and_kinds(client, "Any news?", {"type": "web_search"})

    assert kinds == ["message"]
    assert text == "(offline model) You asked: Any news?"


def test_rule_searches_the_files_and_cites_them(
    client: OpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(request: ModelRequest) -> Reply:
        found = request.search_files(request.user_text)
        return together(file_search(["dogs"], found), say_citing(found[0].text, found[0]))

    monkeypatch.setattr(fallback, "reply_to", answer)
    files = {"dogs.md": b"# Dogs\n\nDogs are welcome.", "cats.md": b"Cats stay at home."}
    ids = [client.files.create(file=each, purpose="assistants").id for each in files.items()]
    store = client.vector_stores.create(name="docs", file_ids=ids)
    text, kinds = text_and_kinds(
        client, "Are dogs welcome?", {"type": "file_search", "vector_store_ids": [store.id]}
    )

    assert kinds == ["file_search_call", "message"]
    assert text == "Dogs are welcome."


def test_unknown_store_is_rejected(client: OpenAI) -> None:
    with pytest.raises(NotFoundError, match="'vs_gone' not found"):
        text_and_kinds(client, "Hi", {"type": "file_search", "vector_store_ids": ["vs_gone"]})


def test_approval_without_its_request_is_rejected(client: OpenAI) -> None:
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
def test_faults_apply_to_a_model_with_hosted_tools_only(
    model: OfflineModel, client: OpenAI, fault: str, kinds: list[str]
) -> None:
    model.faults.next(fault)

    assert text_and_kinds(client, "Any news?", {"type": "web_search"})[1] == kinds
    assert model.calls[-1].applied


QUIET = RunConfig(tracing_disabled=True)


def ask_first(request: ModelRequest) -> Reply:
    """Request approval of a call, then report the decision."""
    if not request.approvals:
        return mcp_approval_request("wiki", "search", {"query": "clocks"})
    decided = request.approvals[-1]
    return say(f"{decided.name}: {decided.approved} {decided.reason}")


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize(
    ("approve", "text"), [(True, "search: True "), (False, "search: False too late")]
)
async def test_decision_reaches_the_model(
    async_client: AsyncOpenAI,
    monkeypatch: pytest.MonkeyPatch,
    approve: bool,
    text: str,
    streamed: bool,
) -> None:
    monkeypatch.setattr(fallback, "reply_to", ask_first)
    requested: list[str] = []

    def decide(request: MCPToolApprovalRequest) -> MCPToolApprovalFunctionResult:
        requested.append(request.data.name)
        return {"approve": approve} if approve else {"approve": False, "reason": "too late"}

    tool = HostedMCPTool(
        tool_config={"type": "mcp", "server_label": "wiki", "server_url": "https://x.example/mcp"},
        on_approval_request=decide,
    )
    model = OpenAIResponsesModel("gpt-5", async_client)
    agent = Agent(name="A", model=model, tools=[tool])
    if streamed:
        stream = Runner.run_streamed(agent, "Hi", run_config=QUIET)
        _ = [event async for event in stream.stream_events()]
        output = stream.final_output
    else:
        output = (await Runner.run(agent, "Hi", run_config=QUIET)).final_output

    assert requested == ["search"]
    assert output == text


@pytest.mark.parametrize("chat", [False, True])
@pytest.mark.parametrize("streamed", [False, True])
async def test_thoughts_are_sent_on_request(
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
