"""With keys, no text of any sample is readable on the server: prompts, answers, tools, errors."""

from durable_agents import connect
from durable_agents.encryption import ENCODING, EncryptionCodec, parse_keys, payloads_in

from collections.abc import Iterable, Iterator
from contextlib import suppress

import pytest
from google.protobuf.message import Message
from pydantic_core import from_json
from temporalio.api.common.v1 import Payload
from temporalio.api.history.v1 import HistoryEvent

from offline_model.server import OfflineModel
from sample_cli.history_timeline import runs
from tests.encryption.keys import A
from tests.harness.starters import each_topic, run_samples, samples_of

# Shorter texts, and those of one word, may be names of types, handlers, and errors.
MIN_TEXT_LENGTH = 20


@each_topic(always=["basic"])
async def test_no_text_of_a_sample_is_readable_on_the_server(
    topic: str, model: OfflineModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENCRYPTION_KEYS", A)
    outcome = await run_samples(topic, samples_of(topic))
    outcome.assert_completed()
    client, codec = await connect(), EncryptionCodec(parse_keys(A))
    for run in outcome.runs:
        description = await client.get_workflow_handle(run.id).describe()
        stored: list[Message] = [*run.history.events, description.raw_description]
        assert not list(readable_payloads(stored)), run.id
        texts = set(texts_of(await codec.decode(list(encrypted_payloads(stored)))))
        assert texts, run.id
        raw = b"".join(message.SerializeToString() for message in stored)
        assert not [text for text in texts if text.encode() in raw], run.id


async def test_timeline_of_an_encrypted_run_is_decrypted(
    model: OfflineModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENCRYPTION_KEYS", A)
    [sample] = samples_of("encryption")
    outcome = await run_samples("encryption", [sample])
    query = f"WorkflowId = '{outcome.runs[0].id}'"
    client = await connect()
    [raw] = await runs(client, query)
    [run] = await runs(client, query, EncryptionCodec(parse_keys(A)))
    assert [(row.kind, row.what) for row in run.rows] == [
        ("model", "Bank clerk"),
        ("tool", "list_payments"),
        ("model", "Bank clerk"),
    ]
    assert "Bank clerk" not in str(raw)


def readable_payloads(messages: Iterable[Message]) -> Iterator[Payload]:
    """Yield payloads that are not encrypted, except for the SDK's own notes about its calls."""
    for message in messages:
        is_marker = isinstance(message, HistoryEvent) and message.HasField(
            "marker_recorded_event_attributes"
        )
        for payload in payloads_in(message):
            if payload.metadata["encoding"] != ENCODING and not is_marker:
                yield payload


def encrypted_payloads(messages: Iterable[Message]) -> Iterator[Payload]:
    for payload in (payload for message in messages for payload in payloads_in(message)):
        if payload.metadata["encoding"] == ENCODING:
            yield payload


def texts_of(payloads: Iterable[Payload]) -> Iterator[str]:
    """Yield the texts in payloads, also those in JSON within JSON, such as a tool's arguments."""
    for payload in payloads:
        if payload.metadata["encoding"] == b"json/plain":
            yield from texts_in(from_json(payload.data))


def texts_in(value: object) -> Iterator[str]:
    if isinstance(value, str):
        if len(value) >= MIN_TEXT_LENGTH and " " in value:
            yield value
        if value.startswith("{"):
            with suppress(ValueError):  # not JSON, such as the text of a Python object
                yield from texts_in(from_json(value, allow_partial=True))
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from texts_in(item)
