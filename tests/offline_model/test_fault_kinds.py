"""Every kind of fault on the wire, for both APIs, plain and streamed."""

import gzip
import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from time import time
from typing import Any

import httpx2
import pytest

from offline_model.faults import (
    BEHAVIOUR,
    GROUPS,
    KINDS,
    ODD,
    REFUSED,
    SPOILED,
    THROTTLED,
    TRANSIENT,
)
from offline_model.server import OfflineModel
from tests.offline_model.conftest import CHAT_WEATHER, WEATHER

KEY = "sk-offline-0123456789"
QUESTION = "Weather in Oslo?"
FORMAT = {
    "type": "json_schema",
    "name": "answer",
    "schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
HANDOFF = {"name": "transfer_to_desk", "description": "", "parameters": {"type": "object"}}
RESPONSES = {
    "model": "m",
    "input": QUESTION,
    "tools": [WEATHER, {"type": "function", **HANDOFF}],
    "text": {"format": FORMAT},
}
CHAT = {
    "model": "m",
    "messages": [{"role": "user", "content": QUESTION}],
    "tools": [CHAT_WEATHER, {"type": "function", "function": HANDOFF}],
    "response_format": {"type": "json_schema", "json_schema": FORMAT},
}
# Faults that fit some answers only.
STREAMED_ONLY = {"stream_error", "unfinished_stream", "unknown_event"}
RESPONSES_ONLY = {"response_failed", "response_rejected", "unknown_part_type"}
CHAT_ONLY = {"no_choices", "null_tool_call", "null_function"}
# Faults of timing and of connections, and those that the HTTP client rejects.
NO_ANSWER = {"slow", "stall", "drop", "truncate", "gzip_garbage", "redirect_loop"}
# Sent instead of an answer, the same in a stream.
INSTEAD = {"http_204", "blank_body", "deep_body", "huge_number_body", "gzip_bomb"}
ANSWERED = [kind for kind in KINDS if kind not in NO_ANSWER]


@dataclass
class Wire:
    """Sends requests to one server, and returns the answers."""

    model: OfflineModel
    client: httpx2.Client = field(default_factory=httpx2.Client)

    def send(self, fault: str | None, *, chat: bool, stream: bool = False) -> httpx2.Response:
        path = "/chat/completions" if chat else "/responses"
        headers = {"Authorization": f"Bearer {KEY}"}
        if fault:
            headers["x-offline-fault"] = fault
        body = (CHAT if chat else RESPONSES) | {"stream": stream}
        return self.client.post(self.model.base_url + path, json=body, headers=headers, timeout=30)

    def output(self, fault: str) -> Any:
        """Return the first output item."""
        return self.send(fault, chat=False).json()["output"][0]

    def arguments(self, fault: str) -> str:
        """Return the arguments of the first call, which are the same in both APIs."""
        arguments: str = self.output(fault)["arguments"]
        message = self.send(fault, chat=True).json()["choices"][0]["message"]
        assert message["tool_calls"][0]["function"]["arguments"] == arguments
        return arguments

    def text(self, fault: str) -> str:
        """Return the answer's text, which is the same in both APIs."""
        text: str = self.output(fault)["content"][0]["text"]
        assert self.send(fault, chat=True).json()["choices"][0]["message"]["content"] == text
        return text


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    with OfflineModel() as model:
        wire = Wire(model)
        with wire.client:
            yield wire


def stable(text: str) -> str:
    """Return a text without ids and times."""
    return re.sub(r"(resp_|chatcmpl-|call_|fc_|msg_|rs_)[0-9a-f_]+|\b\d{10}\b", r"\1N", text)


def test_each_kind_is_in_one_group() -> None:
    groups = [BEHAVIOUR, ODD, REFUSED, SPOILED, THROTTLED, TRANSIENT]

    assert len(set(KINDS)) == len(KINDS) == sum(map(len, groups))
    assert sorted(map(len, GROUPS.values())) == sorted(map(len, groups))


@pytest.mark.parametrize(
    ("chat", "stream"),
    [
        (False, False),
        pytest.param(False, True, marks=pytest.mark.exhaustive),
        pytest.param(True, False, marks=pytest.mark.exhaustive),
        pytest.param(True, True, marks=pytest.mark.exhaustive),
    ],
)
def test_each_kind_changes_the_answer_or_is_recorded_as_not_applied(
    wire: Wire, chat: bool, stream: bool
) -> None:
    usual = wire.send(None, chat=chat, stream=stream)
    unfit = (RESPONSES_ONLY if chat else CHAT_ONLY) | (set() if stream else STREAMED_ONLY)
    for kind in ANSWERED:
        answer = wire.send(kind, chat=chat, stream=stream)
        same = (
            (answer.status_code, stable(answer.text), answer.headers["content-type"])
            == (
                usual.status_code,
                stable(usual.text),
                usual.headers["content-type"],
            )
            if answer.status_code == 200
            else False
        )
        # The usual answer is the same call that these make.
        assert same == (kind in unfit or kind == "tool_loop"), kind
        assert wire.model.calls[-1].applied == (kind not in unfit), kind


@pytest.mark.parametrize("kind", [k for k in SPOILED + ODD if k != "bad_utf8"])
def test_stream_finishes_with_the_same_response_as_plain(wire: Wire, kind: str) -> None:
    plain, stream = (wire.send(kind, chat=False, stream=stream) for stream in (False, True))
    events = [line[6:] for line in stream.text.splitlines() if line.startswith("data: ")]
    if kind in INSTEAD:
        assert plain.text.strip() in {*events, ""}
        return
    last = json.loads(events[-1])
    assert stable(json.dumps(last["response"])) == stable(json.dumps(plain.json()))


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        ("null_content", ["output", 0, "content"], None),
        ("text_content", ["output", 0, "content"], "Hello"),
        ("empty_content", ["output", 0, "content"], []),
        ("null_part", ["output", 0, "content", 0], None),
        ("number_text", ["output", 0, "content", 0, "text"], 42),
        ("list_content", ["output", 0, "content", 0, "text"], ["Hello"]),
        ("unknown_item_type", ["output", 0, "type"], "telepathy_call"),
        ("null_item", ["output", 0], None),
        ("null_output", ["output"], None),
        ("number_tool_name", ["output", 0, "name"], 42),
        ("object_arguments", ["output", 0, "arguments"], {"city": "Oslo"}),
        ("empty_call_id", ["output", 0, "call_id"], ""),
        ("duplicate_call_id", ["output", 1, "call_id"], "call_1"),
        ("bad_usage", ["usage"], "lots"),
        ("negative_usage", ["usage", "input_tokens"], -5),
        ("incomplete_max_output_tokens", ["incomplete_details", "reason"], "max_output_tokens"),
        ("incomplete_content_filter", ["status"], "incomplete"),
        ("response_failed", ["error", "code"], "server_error"),
        ("response_rejected", ["error", "code"], "invalid_prompt"),
        ("error_with_200", ["error", "code"], "server_error"),
    ],
)
def test_response_is_spoiled_in_one_place(
    wire: Wire, kind: str, path: list[str | int], value: object
) -> None:
    found = wire.send(kind, chat=False).json()
    for key in path:
        found = found[key]

    assert found == value


@pytest.mark.parametrize(
    ("kind", "finish", "has_text"),
    [
        ("incomplete_max_output_tokens", "length", False),
        ("incomplete_content_filter", "content_filter", False),
        ("incomplete_text", "length", True),
        ("unknown_status", "telepathy", None),
    ],
)
def test_chat_completion_finishes_for_the_wrong_reason(
    wire: Wire, kind: str, finish: str, has_text: bool | None
) -> None:
    [choice] = wire.send(kind, chat=True).json()["choices"]

    assert choice["finish_reason"] == finish
    assert has_text in (None, bool(choice["message"]["content"]))


def test_arguments_are_hostile_in_both_apis(wire: Wire) -> None:
    for kind in ("deep_arguments", "deep_handoff"):
        with pytest.raises(RecursionError):
            json.loads(wire.arguments(kind))
    with pytest.raises(ValueError, match="4300 digits"):
        json.loads(wire.arguments("huge_number_arguments"))
    assert json.loads(wire.arguments("escaped_surrogate_arguments")) == {"city": "Tokyo \ud83d"}
    assert wire.arguments("lone_surrogate_arguments") == '{"city": "Tokyo \ud83d"}'
    assert json.loads(wire.arguments("nul_arguments")) == {"city": "Oslo\0"}
    assert len(wire.arguments("huge_arguments")) > 2_097_152
    assert wire.arguments("duplicate_keys").count('"city"') == 2
    assert wire.arguments("blank_arguments") == ""


def test_text_is_hostile_in_both_apis(wire: Wire) -> None:
    with pytest.raises(RecursionError):
        json.loads(wire.text("deep_output"))
    assert json.loads(wire.text("lone_surrogate_text")) == {"city": "Tokyo \ud83d"}
    assert json.loads(wire.text("nul_text")) == {"city": "Oslo\0"}
    assert len(json.loads(wire.text("huge_answer"))["city"]) > 2_097_152
    assert wire.text("empty_text") == ""
    assert wire.text("blank_text").isspace()


def test_body_faults_send_an_invalid_body(wire: Wire) -> None:
    assert wire.send("http_204", chat=False).status_code == 204
    assert wire.send("blank_body", chat=False).content == b""
    assert wire.send("empty_object", chat=True).json() == {}
    assert wire.send("wrong_content_type", chat=False).headers["content-type"] == "text/plain"
    for kind, error in (
        ("malformed_body", json.JSONDecodeError),
        ("bad_utf8", UnicodeDecodeError),
        ("deep_body", RecursionError),
        ("huge_number_body", ValueError),
    ):
        with pytest.raises(error):
            json.loads(wire.send(kind, chat=False).content)
    bomb = wire.send("gzip_bomb", chat=False)
    assert int(bomb.headers["content-length"]) * 100 < len(bomb.json()["id"])
    with pytest.raises(httpx2.DecodingError):
        wire.send("gzip_garbage", chat=False)
    with pytest.raises(gzip.BadGzipFile):
        gzip.decompress(wire.send(None, chat=False).content)


@pytest.mark.parametrize(
    ("kind", "status", "header"),
    [
        ("429", 429, "1"),
        ("retry_after_date:30", 429, 30),
        ("refused_with_retry_after_date", 400, 2),
        ("retry_after_past", 429, -math.inf),
        ("retry_after_negative", 429, "-5"),
        ("retry_after_nan", 429, "nan"),
        ("retry_after_text", 429, "soon"),
        ("retry_after_day", 429, "86400"),
        ("retry_after_infinite", 429, "inf"),
        ("refused_with_retry_after", 400, "1"),
    ],
)
def test_retry_after_has_every_form(
    wire: Wire, kind: str, status: int, header: str | float
) -> None:
    answer = wire.send(kind, chat=True)
    sent = answer.headers["retry-after"]

    assert answer.status_code == status
    if isinstance(header, str):
        assert sent == header
    else:
        seconds = parsedate_to_datetime(sent).timestamp() - time()
        assert header - 30 <= seconds <= max(header, 0)


def test_refusals_carry_their_code(wire: Wire) -> None:
    quota = wire.send("insufficient_quota", chat=False)
    echo = wire.send("key_echo", chat=False)

    assert (quota.status_code, quota.json()["error"]["code"]) == (429, "insufficient_quota")
    assert echo.status_code == 401
    assert KEY in echo.json()["error"]["message"]


def test_redirect_loop_exceeds_the_redirect_limit(wire: Wire) -> None:
    count = len(wire.model.calls)
    with httpx2.Client(follow_redirects=True, headers={"Authorization": "Bearer x"}) as client:
        wire.model.faults.next("redirect_loop")
        with pytest.raises(httpx2.TooManyRedirects):
            client.post(f"{wire.model.base_url}/responses", json=RESPONSES)

    assert len(wire.model.calls) == count + 21
