"""Helpers: a model that writes when a test says so, and a chat without a client program."""

from durable_agents import update_reliably

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest
from agents import Model, ModelResponse
from agents.items import TResponseOutputItem, TResponseStreamEvent
from agents.testing import ModelStep, ScriptedModel, assistant_message
from openai.types.responses import ResponseTextDeltaEvent
from temporalio.client import (
    Client,
    WorkflowUpdateFailedError,
    WorkflowUpdateHandle,
    WorkflowUpdateStage,
)
from temporalio.exceptions import ApplicationError

from sample_cli.processes import until
from streaming import TASK_QUEUE
from streaming.models import ChatState, StreamEvent, StreamPage, Transcript
from streaming.reader import FROM_START, Handle, new_chat_id
from streaming.run_worker import build_worker
from streaming.streaming_model import StreamingModel
from streaming.workflows.stream import StreamingChatWorkflow
from tests.harness.workers import model_params, serving


class Writer(Model):
    """Streams the pieces that a test writes.

    Attributes:
        calls: The number of calls so far.
    """

    def __init__(self) -> None:
        self.calls = 0
        self._pieces: asyncio.Queue[str | Exception | None] = asyncio.Queue()

    def write(self, *pieces: str) -> None:
        """Write pieces of text."""
        for piece in pieces:
            self._pieces.put_nowait(piece)

    def finish(self) -> None:
        """Complete the answer: all that was written in this call."""
        self._pieces.put_nowait(None)

    def fail(self, error: Exception) -> None:
        """Fail the call."""
        self._pieces.put_nowait(error)

    def answer(self, *pieces: str) -> None:
        """Write a whole answer."""
        self.write(*pieces)
        self.finish()

    async def get_response(self, *args: Any, **kwargs: Any) -> ModelResponse:
        raise NotImplementedError

    async def stream_response(
        self, *args: Any, **kwargs: Any
    ) -> AsyncIterator[TResponseStreamEvent]:
        self.calls += 1
        text, template = "", [event async for event in _events(args, kwargs, ["text"])]
        [delta] = [event for event in template if isinstance(event, ResponseTextDeltaEvent)]
        while (piece := await self._pieces.get()) is not None:
            if isinstance(piece, Exception):
                raise piece
            text += piece
            yield delta.model_copy(update={"delta": piece})
        async for event in _events(args, kwargs, [text]):
            if not isinstance(event, ResponseTextDeltaEvent):
                yield event


def _events(
    args: tuple[Any, ...], kwargs: dict[str, Any], texts: list[str]
) -> AsyncIterator[TResponseStreamEvent]:
    output: list[TResponseOutputItem] = [assistant_message(text) for text in texts]
    scripted = ScriptedModel([ModelStep.respond(lambda _call: output)])
    return scripted.stream_response(*args, **kwargs)


def answers(*texts: str) -> ScriptedModel:
    """Return a model that streams these answers, word by word."""
    return ScriptedModel([[assistant_message(text)] for text in texts])


@asynccontextmanager
async def serving_chats(model: Model, attempts: int = 1) -> AsyncIterator[Client]:
    """Run the worker on a model; yield a client."""
    options = {"model_params": model_params(attempts)}
    async with serving(build_worker, StreamingModel(model), **options) as client:
        yield client


async def start(client: Client, **state: object) -> Handle:
    return await client.start_workflow(
        StreamingChatWorkflow.run,
        ChatState.model_validate(state),
        id=new_chat_id(),
        task_queue=TASK_QUEUE,
    )


async def say(handle: Handle, text: str, id: str | None = None) -> str:
    return await update_reliably(handle, StreamingChatWorkflow.ask, text, id=id or uuid4().hex)


async def accepted(chat: Handle, text: str) -> WorkflowUpdateHandle[str]:
    """Send a message, and wait until it is accepted, but not until it is answered."""
    stage = WorkflowUpdateStage.ACCEPTED
    return await chat.start_update(StreamingChatWorkflow.ask, text, wait_for_stage=stage)


async def end(handle: Handle) -> Transcript:
    return await update_reliably(handle, StreamingChatWorkflow.end)


async def read(handle: Handle, offset: int = FROM_START) -> StreamPage:
    return await handle.query(StreamingChatWorkflow.read, offset)


async def rejection(handle: Handle, text: str) -> ApplicationError:
    """Send a message that is rejected or fails; return the reason."""
    with pytest.raises(WorkflowUpdateFailedError) as failure:
        await say(handle, text)
    cause = failure.value.cause
    assert isinstance(cause, ApplicationError)
    return cause


async def until_streamed(handle: Handle, text: str) -> None:
    """Wait until the partial text of the turn in flight is `text`."""

    async def is_there() -> bool:
        return partial_text((await read(handle)).events) == text

    await until(is_there)


def partial_text(events: list[StreamEvent]) -> str:
    """Return the text of the last attempt in a stream."""
    shown = ""
    attempt = ("", 0)
    for event in events:
        if event.kind == "question" or (event.kind == "text" and attempt != key(event)):
            shown, attempt = "", key(event)
        shown += event.text if event.kind == "text" else ""
    return shown


def key(event: StreamEvent) -> tuple[str, int]:
    """Return the attempt that wrote a text."""
    return event.call, event.attempt


async def until_printed(capsys: pytest.CaptureFixture[str], text: str) -> str:
    """Wait until a text has been printed; return all that was printed."""
    printed = ""

    async def is_there() -> bool:
        nonlocal printed
        printed += capsys.readouterr().out
        return text in printed

    await until(is_there)
    return printed
