"""Answers conform to OpenAI's API document, if `API_DOCUMENT` is its path (OpenAPI, as JSON)."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from jsonschema import Draft202012Validator

from offline_model import fallback
from offline_model.json_text import Json
from offline_model.model_reply import Reply, call, reasoning, together
from offline_model.server import OfflineModel
from tests.offline_model.conftest import CHAT_WEATHER, WEATHER
from tests.offline_model.test_hosted_tools import EVERYTHING, INCLUDE

VARIABLE = "API_DOCUMENT"
TOOLS: list[Json] = [
    dict(WEATHER),
    {"type": "web_search"},
    {"type": "file_search", "vector_store_ids": []},
    {"type": "code_interpreter", "container": {"type": "auto"}},
    {"type": "image_generation"},
    {"type": "mcp", "server_label": "wiki", "server_url": "https://x.example/mcp"},
]
FORMAT: Json = {
    "name": "answer",
    "schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
TEXT = {"format": {"type": "json_schema", **FORMAT}}
CALL = together(reasoning("Hm."), call("get_weather", city="Oslo"))
RESPONSES: dict[str, tuple[Reply | None, str | None, Json]] = {
    "text": (None, None, {}),
    "settings": (
        None,
        None,
        {"temperature": 0.5, "max_output_tokens": 99, "reasoning": {"effort": "low"}},
    ),
    "structured": (None, None, {"text": TEXT}),
    "call": (CALL, None, {"tools": [WEATHER], "tool_choice": "required"}),
    "named call": (
        CALL,
        None,
        {"tools": [WEATHER], "tool_choice": {"type": "function", "name": "get_weather"}},
    ),
    "hosted tools": (EVERYTHING, None, {"tools": TOOLS}),
    "hosted tools in full": (EVERYTHING, None, {"tools": TOOLS, "include": INCLUDE}),
    "refusal": (None, "refusal", {}),
    "incomplete": (None, "incomplete_max_output_tokens", {}),
    "failed": (None, "response_failed", {}),
}


class Document:
    """OpenAI's API document."""

    def __init__(self, text: str) -> None:
        self._document = _with_nulls(json.loads(text))
        events = self._schema("ResponseStreamEvent")["anyOf"]
        names = [event["$ref"].rpartition("/")[2] for event in events]
        self._events = {
            kind: name
            for name in names
            for kind in self._schema(name)["properties"]["type"]["enum"]
        }

    def _schema(self, name: str) -> Json:
        schema: Json = self._document["components"]["schemas"][name]
        return schema

    def check(self, name: str, value: object) -> None:
        """Check a value against a named schema."""
        schema = {"$ref": f"#/components/schemas/{name}"}
        self._check(schema, value)

    def check_answer(self, method: str, path: str, value: object) -> None:
        """Check the body of an answer to a request."""
        operation = self._document["paths"][path][method]
        self._check(operation["responses"]["200"]["content"]["application/json"]["schema"], value)

    def check_event(self, event: Json) -> None:
        """Check an event of a streamed response against the schema of its type."""
        self.check(self._events[event["type"]], event)

    def _check(self, schema: Json, value: object) -> None:
        root = schema | {"components": self._document["components"]}
        Draft202012Validator(root).validate(value)


def _with_nulls(schema: Any) -> Any:
    """Translate `nullable`, of OpenAPI 3.0, to JSON Schema."""
    if isinstance(schema, list):
        return [_with_nulls(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    changed = {name: _with_nulls(part) for name, part in schema.items()}
    if changed.get("nullable") is True:
        return {"anyOf": [changed, {"type": "null"}]}
    return changed


@pytest.fixture(scope="module")
def document() -> Document:
    path = os.environ.get(VARIABLE)
    if not path or not Path(path).is_file():
        pytest.skip(f"{VARIABLE} is not the path of OpenAI's API document")
    return Document(Path(path).read_text())


@pytest.fixture
def http(model: OfflineModel) -> Iterator[httpx2.Client]:
    headers = {"Authorization": "Bearer offline"}
    base = model.base_url + "/"
    with httpx2.Client(base_url=base, headers=headers, timeout=30) as client:
        yield client


def events_of(answer: httpx2.Response) -> list[str]:
    return [line[6:] for line in answer.text.splitlines() if line.startswith("data: ")]


@pytest.mark.parametrize("case", RESPONSES)
def test_responses_conform(
    document: Document, http: httpx2.Client, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    reply, fault, body = RESPONSES[case]
    if reply is not None:
        monkeypatch.setattr(fallback, "reply_to", lambda request: reply)
    request = {"model": "m", "input": "Weather in Oslo?", **body}
    headers = {"x-offline-fault": fault} if fault else {}
    plain = http.post("responses", json=request, headers=headers)
    document.check_answer("post", "/responses", plain.json())
    again = http.get(f"responses/{plain.json()['id']}")
    document.check_answer("get", "/responses/{response_id}", again.json())
    streamed = http.post("responses", json=request | {"stream": True}, headers=headers)
    events = [json.loads(event) for event in events_of(streamed)]
    for event in events:
        document.check_event(event)

    assert plain.json().keys() == events[-1]["response"].keys()
    assert len(events) > 2


CHATS: dict[str, tuple[Reply | None, str | None, Json]] = {
    "text": (None, None, {}),
    "structured": (
        None,
        None,
        {"response_format": {"type": "json_schema", "json_schema": FORMAT}},
    ),
    "call": (call("get_weather", city="Oslo"), None, {"tools": [CHAT_WEATHER]}),
    "refusal": (None, "refusal", {}),
    "incomplete": (None, "incomplete_max_output_tokens", {}),
    "filtered": (None, "incomplete_content_filter", {}),
}


@pytest.mark.parametrize("case", CHATS)
@pytest.mark.parametrize("usage", [False, True])
def test_chat_completions_conform(
    document: Document,
    http: httpx2.Client,
    monkeypatch: pytest.MonkeyPatch,
    case: str,
    usage: bool,
) -> None:
    reply, fault, body = CHATS[case]
    if reply is not None:
        monkeypatch.setattr(fallback, "reply_to", lambda request: reply)
    messages = [{"role": "user", "content": "Weather in Oslo?"}]
    request = {"model": "m", "messages": messages, **body}
    headers = {"x-offline-fault": fault} if fault else {}
    plain = http.post("chat/completions", json=request, headers=headers)
    document.check_answer("post", "/chat/completions", plain.json())
    request |= {"stream": True, "stream_options": {"include_usage": usage}}
    *chunks, end = events_of(http.post("chat/completions", json=request, headers=headers))
    for chunk in chunks:
        document.check("CreateChatCompletionStreamResponse", json.loads(chunk))

    assert end == "[DONE]"
    assert len(chunks) > 1


def test_files_and_vector_stores_conform(document: Document, http: httpx2.Client) -> None:
    def checked(method: str, template: str, body: Json | None = None, **ids: str) -> Json:
        path = template.format(**ids).lstrip("/")
        answer = (
            http.request(method.upper(), path, json=body)
            if body
            else http.request(method.upper(), path)
        )
        document.check_answer(method, template, answer.json())
        found: Json = answer.json()
        return found

    upload = http.post(
        "files", files={"file": ("dogs.md", b"Dogs are welcome.")}, data={"purpose": "assistants"}
    )
    document.check_answer("post", "/files", upload.json())
    file_id = upload.json()["id"]
    checked("get", "/files")
    checked("get", "/files/{file_id}", file_id=file_id)
    store = {"vector_store_id": checked("post", "/vector_stores", {"name": "docs"})["id"]}
    checked("get", "/vector_stores")
    checked("get", "/vector_stores/{vector_store_id}", **store)
    base = "/vector_stores/{vector_store_id}"
    checked("post", f"{base}/files", {"file_id": file_id}, **store)
    checked("get", f"{base}/files", **store)
    checked("get", f"{base}/files/{{file_id}}", **store, file_id=file_id)
    checked("delete", f"{base}/files/{{file_id}}", **store, file_id=file_id)
    checked("delete", "/files/{file_id}", file_id=file_id)


def test_models_conform(document: Document, http: httpx2.Client) -> None:
    document.check_answer("get", "/models", http.get("models").json())
    document.check_answer("get", "/models/{model}", http.get("models/gpt-5").json())


@pytest.mark.parametrize(
    ("fault", "body"), [("429", {"model": "m"}), ("500", {}), (None, {}), (None, {"model": 1})]
)
def test_errors_conform(
    document: Document, http: httpx2.Client, fault: str | None, body: Json
) -> None:
    headers = {"x-offline-fault": fault} if fault else {}
    for path in ("responses", "chat/completions", "vector_stores/gone/files"):
        answer = http.post(path, json=body, headers=headers)
        assert answer.is_error
        document.check("Error", answer.json()["error"])
