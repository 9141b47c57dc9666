"""Measures streaming: history by number of readers, and the time to the first text on a page.

Run it next to a Temporal server with `uv run benchmarks/streams.py`.
"""

from durable_agents import connect, run
from durable_agents.client import model_call_defaults

import asyncio
import json
import os
import socket
import statistics
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from time import perf_counter
from typing import Any
from uuid import uuid4

import httpx2
import uvicorn
from agents import Agent, Model, ModelProvider, ModelResponse, ModelSettings, ModelTracing, Runner
from agents.items import TResponseStreamEvent
from agents.testing import ModelStep, ScriptedModel, assistant_message
from openai.types.responses import ResponseTextDeltaEvent
from temporalio import workflow
from temporalio.client import Client
from temporalio.contrib.workflow_streams import WorkflowStream, WorkflowStreamClient
from temporalio.worker import Worker

from streaming.models import ChatState, StreamEvent
from streaming.reader import Handle, StreamReader
from streaming.run_worker import build_worker
from streaming.streaming_model import StreamingModel
from streaming.web.app import create_app
from streaming.web.gateway import ChatGateway
from streaming.workflows.stream import StreamingChatWorkflow

TOKENS = 1_000
RATE = 100  # tokens a second
FIRST_TOKEN = 0.3  # seconds; hosted models take 0.3 to 2
INTERVAL = timedelta(milliseconds=250)


class PacedModel(ModelProvider, Model):
    """Streams words at a fixed rate, after a delay."""

    def __init__(self, tokens: int = TOKENS) -> None:
        self.text = " ".join(f"{number:05}" for number in range(tokens))

    def get_model(self, model_name: str | None) -> Model:
        """Return this model."""
        return self

    async def get_response(self, *args: Any, **kwargs: Any) -> ModelResponse:
        """Do nothing: it only streams."""
        raise NotImplementedError

    async def stream_response(
        self, *args: Any, **kwargs: Any
    ) -> AsyncIterator[TResponseStreamEvent]:
        """Stream the text."""
        start, number = perf_counter() + FIRST_TOKEN, 0
        message = [assistant_message(self.text)]
        scripted = ScriptedModel([ModelStep.respond(lambda _call: message)])
        async for event in _stream(scripted):
            if not isinstance(event, ResponseTextDeltaEvent):
                yield event
                continue
            for word in self.text.split(" "):
                delta = word if not number else f" {word}"
                await asyncio.sleep(max(0.0, start + number / RATE - perf_counter()))
                number += 1
                yield event.model_copy(update={"delta": delta})


@workflow.defn(sandboxed=False)
class StockStream:
    """Streams with `Runner.run_streamed` and a `WorkflowStream`, as the agents plugin offers it."""

    @workflow.init
    def __init__(self) -> None:
        self.stream = WorkflowStream()

    @workflow.run
    async def run(self) -> None:
        """Run an agent."""
        result = Runner.run_streamed(Agent(name="Storyteller"), "Tell me a story.")
        async for _ in result.stream_events():
            pass


async def history_of_stock(readers: int) -> int:
    """Return the bytes of history of a stock streamed run with some readers."""
    params = replace(
        model_call_defaults(), streaming_topic="text", streaming_batch_interval=INTERVAL
    )
    client = await connect(model_provider=PacedModel(), model_params=params)
    queue = f"stock-{uuid4().hex}"

    async def read() -> None:
        async for _ in WorkflowStreamClient.create(client, queue).subscribe(poll_cooldown=INTERVAL):
            pass

    async with Worker(client, task_queue=queue, workflows=[StockStream]):
        handle = await client.start_workflow(StockStream.run, id=queue, task_queue=queue)
        reading = [asyncio.create_task(read()) for _ in range(readers)]
        await handle.result()
        await asyncio.gather(*reading)
        return await _history_bytes(client, handle.id)


async def history_of_ours(readers: int) -> tuple[str, int, list[str]]:
    """Return an answer, its bytes of history, and the text that was streamed to each reader."""
    model = PacedModel()
    async with _serving(model) as client:
        handle = await _start(client)

        async def read() -> str:
            """Return the streamed text; not the answer, which would hide that some was lost."""
            events: list[StreamEvent] = []
            async for page in StreamReader(handle).pages():
                events += page.events if page else []
                if events and events[-1].kind == "answer":
                    break
            return "".join(event.text for event in events if event.kind == "text")

        reading = [asyncio.create_task(read()) for _ in range(readers)]
        assert await handle.execute_update(StreamingChatWorkflow.ask, "A story!") == model.text
        size = await _history_bytes(client, handle.id)
        read_texts = await asyncio.gather(*reading)
        await handle.execute_update(StreamingChatWorkflow.end)
        return model.text, size, read_texts


async def first_texts(pairs: int) -> tuple[list[float], list[float]]:
    """Return the seconds to the first text: directly from a model, and on a page, in turns."""
    model, direct, page = PacedModel(tokens=20), [], []
    async with _serving(model) as client, _listening(client) as http:
        handle = await _start(client)
        for number in range(pairs + 1):
            times = await _first_text_of(model), await _first_text_on_page(http, handle)
            if number:  # the first ones load code
                direct.append(times[0])
                page.append(times[1])
        await handle.execute_update(StreamingChatWorkflow.end)
    return direct, page


async def _first_text_of(model: Model) -> float:
    start = perf_counter()
    async for event in _stream(model):
        if isinstance(event, ResponseTextDeltaEvent):
            break
    return perf_counter() - start


def _stream(model: Model) -> AsyncIterator[TResponseStreamEvent]:
    return model.stream_response(
        None,
        "A story!",
        ModelSettings(),
        [],
        None,
        [],
        ModelTracing.DISABLED,
        previous_response_id=None,
        conversation_id=None,
        prompt=None,
    )


async def _first_text_on_page(http: httpx2.AsyncClient, handle: Handle) -> float:
    key, path = uuid4().hex, f"/chats/{handle.id}"
    async with http.stream("GET", f"{path}/events") as response:
        lines = response.aiter_lines()
        while "event: status" not in await anext(lines):
            pass
        start = perf_counter()
        headers = {"idempotency-key": key}
        post = http.post(f"{path}/messages", json={"text": "A story!"}, headers=headers)
        sending = asyncio.create_task(post)
        is_ours = False
        async for line in lines:
            data = json.loads(line.removeprefix("data: ")) if line.startswith("data: ") else {}
            is_ours = is_ours or data.get("id") == key
            if is_ours and data.get("kind") == "text":
                break
        took = perf_counter() - start
        assert (await sending).status_code == 200
    return took


@asynccontextmanager
async def _serving(model: PacedModel) -> AsyncIterator[Client]:
    class Provider(ModelProvider):
        def get_model(self, model_name: str | None) -> Model:
            return StreamingModel(model)

    client = await connect(model_provider=Provider())
    async with build_worker(client):
        yield client


async def _start(client: Client) -> Handle:
    id, queue = f"chat-{uuid4().hex}", "streaming-task-queue"
    return await client.start_workflow(
        StreamingChatWorkflow.run, ChatState(), id=id, task_queue=queue
    )


@asynccontextmanager
async def _listening(client: Client) -> AsyncIterator[httpx2.AsyncClient]:
    app = create_app(ChatGateway(client))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    app.state.is_stopping = lambda: server.should_exit
    with socket.create_server(("127.0.0.1", 0)) as opened:
        address = f"http://127.0.0.1:{opened.getsockname()[1]}"
        task = asyncio.create_task(server.serve([opened]))
        try:
            async with httpx2.AsyncClient(base_url=address, timeout=30) as http:
                yield http
        finally:
            server.should_exit = True
            await task


async def _history_bytes(client: Client, id: str) -> int:
    description = await client.get_workflow_handle(id).describe()
    return description.raw_description.workflow_execution_info.history_size_bytes


async def main(*, pairs: int = 10) -> None:
    """Print the measurements."""
    os.environ.setdefault("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")  # no traces to OpenAI
    times = list(zip(*await first_texts(pairs), strict=True))
    direct, page = map(statistics.median, zip(*times, strict=True))
    ratios = [ours / theirs for theirs, ours in times]
    print(f"first text: direct {direct * 1e3:.0f} ms, page {page * 1e3:.0f} ms")
    print(f"ratio: median {statistics.median(ratios):.2f}, worst {max(ratios):.2f}")
    for readers in (1, 2):
        print(f"run_streamed, readers {readers}: {await history_of_stock(readers) / 1e3:.0f} kB")
    for readers in (0, 1, 20):
        _, size, _ = await history_of_ours(readers)
        print(f"ours, readers {readers}: {size / 1e3:.0f} kB")


if __name__ == "__main__":
    run(main)
