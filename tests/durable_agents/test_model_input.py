"""Model calls fetch their input from their workflow, so that history stays small."""

from durable_agents import model_input
from durable_agents.model_input import ModelInputPlugin

import os
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import pytest
from agents.testing import ModelStep, ScriptedModel, assistant_message, function_call
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic_core import from_json, to_json
from temporalio.api.common.v1 import Payload
from temporalio.client import Client, WorkflowHandle, WorkflowHistory
from temporalio.converter import DataConverter, PayloadCodec
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Plugin, Replayer, Worker

from tests.durable_agents.archive import Archive, StreamingArchive
from tests.harness.workers import failure_of, input_texts, model_params, serving

QUEUE = "model-input"
SIZE = 50_000
QUESTION = "What is in document 1?"


class Aes(PayloadCodec):
    """Encrypts every payload."""

    def __init__(self) -> None:
        self._cipher = AESGCM(AESGCM.generate_key(bit_length=256))
        self.encrypted: list[bytes] = []

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [self._encrypt(payload.SerializeToString()) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        parts = [(payload.data[:12], payload.data[12:]) for payload in payloads]
        return [Payload.FromString(self._cipher.decrypt(*part, None)) for part in parts]

    def _encrypt(self, data: bytes) -> Payload:
        self.encrypted.append(data)
        nonce = os.urandom(12)
        encrypted = nonce + self._cipher.encrypt(nonce, data, None)
        return Payload(metadata={"encoding": b"binary/encrypted"}, data=encrypted)


def build_worker(client: Client, **options: Any) -> Worker:
    defaults = {"task_queue": QUEUE, "workflows": [Archive], "plugins": [ModelInputPlugin()]}
    return Worker(client, **{**defaults, **options})


def script(size: int = SIZE) -> ScriptedModel:
    """Return a model that reads two documents, and then answers."""
    return ScriptedModel(
        [
            [function_call("read", {"number": 1, "size": size}, call_id="1")],
            [function_call("read", {"number": 2, "size": size}, call_id="2")],
            [assistant_message("Words.")],
        ]
    )


async def start(client: Client, *questions: str) -> WorkflowHandle[Archive, list[str]]:
    id = f"archive-{uuid4().hex[:8]}"
    return await client.start_workflow(Archive.run, list(questions), id=id, task_queue=QUEUE)


async def ask(client: Client, *questions: str) -> list[str]:
    return await (await start(client, *questions)).result()


async def test_model_receives_the_same_input_as_without_the_plugin() -> None:
    models = script(), script()
    async with serving(build_worker, models[0]) as client:
        assert await ask(client, QUESTION) == ["Words."]
    async with serving(lambda client: build_worker(client, plugins=[]), models[1]) as client:
        await ask(client, QUESTION)
    ours, stock = ([call.input for call in model.calls] for model in models)
    assert ours == stock
    assert len(str(ours[2])) > 2 * SIZE


async def test_history_has_a_reference_instead_of_a_large_input() -> None:
    async with serving(build_worker, script()) as client:
        handle = await start(client, QUESTION)
        await handle.result()
        description = await handle.describe()
        inputs = activity_inputs(await handle.fetch_history())
    size = description.raw_description.workflow_execution_info.history_size_bytes
    assert size < SIZE
    assert [QUESTION in payload for payload in inputs] == [True, False, False]
    assert ["item_reference" in payload for payload in inputs] == [False, True, True]


def activity_inputs(history: WorkflowHistory) -> list[str]:
    """Return what a history has as input of each activity."""
    inputs = (event.activity_task_scheduled_event_attributes.input for event in history.events)
    return [payload.data.decode() for each in inputs for payload in each.payloads]


async def test_input_above_every_payload_limit_arrives_in_pages() -> None:
    model = script(size=3_000_000)
    async with serving(build_worker, model) as client:
        await ask(client, QUESTION)
    first, second = input_texts(model.calls[2])[1:]
    assert (first[:12], second[:12]) == ("Document 1: ", "Document 2: ")
    assert len(first) == len(second) > 2_990_000


async def test_calls_at_the_same_time_receive_their_own_inputs() -> None:
    questions = [f"Question {number}: {'why ' * 2_000}" for number in range(5)]
    steps = [
        ModelStep.respond(lambda call: [assistant_message(input_texts(call)[0][:10])])
        for _ in questions
    ]
    async with serving(build_worker, ScriptedModel(steps)) as client:
        assert await ask(client, *questions) == [f"Question {number}" for number in range(5)]


async def test_input_is_fetched_after_every_eviction() -> None:
    model = script()
    async with serving(
        lambda client: build_worker(client, max_cached_workflows=0), model
    ) as client:
        assert await ask(client, QUESTION) == ["Words."]
    assert len(input_texts(model.calls[2])) == 3


async def test_streamed_call_fetches_its_input() -> None:
    model, params = script(), model_params()
    params.streaming_topic = "events"
    build = lambda client: build_worker(client, workflows=[StreamingArchive])  # noqa: E731
    async with serving(build, model, model_params=params) as client:
        id = f"archive-{uuid4().hex[:8]}"
        run = StreamingArchive.run
        answer = await client.execute_workflow(run, QUESTION, id=id, task_queue=QUEUE)
    assert answer == "Words."
    assert len(input_texts(model.calls[2])) == 3


async def test_codec_encrypts_history_and_query(temporal: WorkflowEnvironment) -> None:
    question, codec, model = QUESTION * 500, Aes(), ScriptedModel([[assistant_message("Words.")]])
    options = {"data_converter": DataConverter(payload_codec=codec)}
    async with serving(build_worker, model, **options) as client:
        handle = await start(client, question)
        await handle.result()
        raw = await temporal.client.get_workflow_handle(handle.id).fetch_history()
    assert input_texts(model.calls[0]) == [question]
    assert all(QUESTION.encode() not in event.SerializeToString() for event in raw.events)
    pages = [data for data in codec.encrypted if b"binary/plain" in data]
    assert len(pages) == 1
    assert question.encode() in pages[0]


async def test_recorder_rebuilds_from_a_history_what_the_model_was_asked() -> None:
    model, asked = script(), list[object]()
    async with serving(build_worker, model) as client:
        handle = await start(client, QUESTION)
        await handle.result()
        history = await handle.fetch_history()
        plugins = [plugin for plugin in client.config()["plugins"] if isinstance(plugin, Plugin)]
        recording: list[Plugin] = [*plugins, ModelInputPlugin(recorder=asked)]
        await Replayer(workflows=[Archive], plugins=recording).replay_workflow(history)
    assert asked == [from_json(to_json(call.input)) for call in model.calls]


async def test_input_above_the_limit_fails_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_input, "MAX_BYTES", SIZE)
    async with serving(build_worker, script(SIZE + 1)) as client:
        error = await failure_of(ask(client, QUESTION))
    assert error.type == "TooLarge"
    assert "the model's input is" in error.message
