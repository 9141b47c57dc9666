"""Hostile requests get an API error, and everything that is stored has a limit."""

import json

import httpx2
import pytest
from openai import BadRequestError, NotFoundError, OpenAI

from offline_model import call_log, conversations, files_api, vector_stores_api
from offline_model.json_text import Json
from offline_model.server import OfflineModel


def nested(depth: int) -> str:
    return '{"a":' * depth + "1" + "}" * depth


DEEP = json.loads(nested(90))
PROPERTY = {"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]}
SCHEMAS: list[Json] = [
    {"$ref": "#"},
    {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}},
    {"allOf": [{"$ref": "#"}]},
    {"anyOf": [{"$ref": "#"}]},
    {"$ref": "#/$defs/gone"},
    {"$ref": "https://example.com/schema.json"},
    {"$ref": 7},
    {"properties": []},
    {"type": "object", "minProperties": 10**9},
    PROPERTY,
    {"type": "object", "properties": {"a": {"type": "array", "minItems": 10**9}}},
    {"type": "object", "properties": {"a": {"type": "string", "minLength": 10**9}}},
    {"type": "object", "properties": {"a": {"type": "string", "pattern": "("}}},
]


@pytest.mark.parametrize("schema", SCHEMAS)
@pytest.mark.parametrize("place", ["output", "tool"])
def test_unsatisfiable_schema_is_rejected(client: OpenAI, schema: Json, place: str) -> None:
    required = schema | {"required": [*schema.get("properties", {})]}
    body: Json = {"model": "m", "input": "Hello"}
    if place == "output":
        form = {"type": "json_schema", "name": "answer", "schema": required}
        body["text"] = {"format": form}
    else:
        tool = {"type": "function", "name": "hello", "parameters": required, "strict": False}
        body |= {"tools": [tool], "tool_choice": "required"}

    with pytest.raises(BadRequestError) as error:
        client.with_options(timeout=20).post("/responses", body=body, cast_to=object)
    assert error.value.code == "invalid_json_schema"


MULTIPART = {"content-type": "multipart/form-data; boundary=x"}


@pytest.mark.parametrize(
    ("path", "content", "headers"),
    [
        ("/responses", nested(100_000), {}),
        ("/responses", nested(101), {}),
        ("/responses", "[" * 100_000, {}),
        ("/chat/completions", nested(900), {}),
        ("/vector_stores", nested(900), {}),
        ("/responses", "{}", {"content-type": "application/json; charset=telepathy"}),
        ("/vector_stores", "[]", {}),
        ("/files", "no multipart", MULTIPART),
        ("/files", "--x\r\n", MULTIPART),
        ("/files", "--x\r\ncontent-disposition: form-data; name=file\r\n\r\nabc", MULTIPART),
        ("/files", "--x\r\n\r\nabc\r\n--x--\r\n", MULTIPART),
        (
            "/files",
            "--x\r\ncontent-disposition: form-data; name=file; filename=a\r\n"
            "content-transfer-encoding: telepathy\r\n\r\nabc\r\n--x--\r\n",
            MULTIPART,
        ),
        ("/files", "", {"content-type": "multipart/form-data"}),
    ],
)
def test_malformed_body_is_rejected(
    model: OfflineModel, path: str, content: str, headers: dict[str, str]
) -> None:
    answer = httpx2.post(
        model.base_url + path,
        content=content,
        headers={"Authorization": "Bearer offline", **headers},
        timeout=20,
    )

    assert answer.status_code == 400
    assert answer.json()["error"].keys() == {"message", "type", "param", "code"}


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/responses", {"model": "m", "input": "\ud83d"}, 200),
        ("/responses", {"model": "m", "input": "x", "previous_response_id": "\ud83d"}, 400),
        ("/vector_stores", {"name": "\ud83d"}, 200),
    ],
)
def test_lone_surrogates_are_answered(
    model: OfflineModel, path: str, body: Json, status: int
) -> None:
    answer = httpx2.post(
        model.base_url + path,
        content=json.dumps(body),
        headers={"Authorization": "Bearer offline"},
        timeout=20,
    )

    assert answer.status_code == status
    assert answer.json()


@pytest.mark.parametrize("query", ["limit=x", "limit="])
def test_malformed_page_is_rejected(model: OfflineModel, query: str) -> None:
    answer = httpx2.get(
        f"{model.base_url}/vector_stores?{query}", headers={"Authorization": "Bearer offline"}
    )

    assert answer.status_code == 400


def test_body_above_the_limit_is_rejected(model: OfflineModel) -> None:
    answer = httpx2.post(
        f"{model.base_url}/responses",
        content=b" " * (64 * 1024 * 1024 + 1),
        headers={"Authorization": "Bearer offline"},
        timeout=20,
    )

    assert answer.status_code == 413
    assert answer.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    ("limit", "value", "message"),
    [
        ("MAX_FILE_BYTES", 9, "The file: 10 bytes; the offline model's limit is 9"),
        ("MAX_TOTAL_BYTES", 19, "All files together: 20 bytes; the offline model's limit is 19"),
        ("MAX_FILES", 1, "Uploaded: 2 files; the offline model's limit is 1"),
    ],
)
def test_uploads_are_bounded(
    client: OpenAI, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, message: str
) -> None:
    client.files.create(file=("first.txt", b"x" * 10), purpose="assistants")
    monkeypatch.setattr(files_api, limit, value)

    with pytest.raises(BadRequestError, match=message):
        client.files.create(file=("second.txt", b"x" * 10), purpose="assistants")
    assert [file.filename for file in client.files.list()] == ["first.txt"]


def test_vector_stores_are_bounded(client: OpenAI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vector_stores_api, "MAX_STORES", 1)
    client.vector_stores.create(name="first")

    with pytest.raises(BadRequestError, match="limit is 1 vector stores"):
        client.vector_stores.create(name="second")


def test_recorded_bodies_are_bounded(
    model: OfflineModel, client: OpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(call_log, "_MAX_BODY_BYTES", 2_500)
    for letter in "abc":
        client.responses.create(model="m", input=letter * 1_000)

    assert [call.body.get("input", "")[:1] for call in model.calls] == ["", "b", "c"]


def test_stored_responses_are_bounded(client: OpenAI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversations, "_MAX_BYTES", 2_500)
    ids = [client.responses.create(model="m", input=each * 1_000).id for each in "abc"]

    with pytest.raises(NotFoundError):
        client.responses.retrieve(ids[0])
    assert [client.responses.retrieve(each).id for each in ids[1:]] == ids[1:]
