"""A stop reaches model calls and tools within a second, on a server that pushes nothing.

Measured from the moment of the request to when the model server sees the connection close, or the
tool is cancelled.
"""

from durable_agents import connect

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest
from agents import OpenAIProvider
from agents.testing import ModelCall, ModelStep, ScriptedModel, function_call
from openai import AsyncOpenAI
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.exceptions import CancelledError
from temporalio.worker import Worker

from conversations.recorder import OUTCOME_UNKNOWN
from offline_model.server import OfflineModel
from tests.durable_agents.stop import Stoppable, Tools
from tests.harness.dev_server import dev_server
from tests.harness.workers import (
    FixedModelProvider,
    check,
    model_params,
)

QUEUE = "test-stop"
Handle = WorkflowHandle[Stoppable, str]


@asynccontextmanager
async def serving(client: Client, tools: Tools) -> AsyncIterator[Worker]:
    with ThreadPoolExecutor(2) as threads:
        async with Worker(
            client,
            task_queue=QUEUE,
            workflows=[Stoppable],
            activities=[tools.quick, tools.asynchronous, tools.synchronous],
            activity_executor=threads,
        ) as worker:
            yield worker


@pytest.fixture(scope="module", autouse=True)
async def without_push() -> AsyncIterator[None]:
    async with dev_server(push=False):
        yield


async def start(client: Client, how: str) -> Handle:
    return await client.start_workflow(Stoppable.run, how, id=f"stop-{uuid4()}", task_queue=QUEUE)


async def until(condition: Callable[[], object]) -> float:
    """Wait until `condition` holds; return the time."""
    while not condition():  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    return time.monotonic()


async def start_until(client: Client, how: str, condition: Callable[[], object]) -> Handle:
    """Start a workflow; return it as soon as `condition` holds.

    On a busy machine, the time limit may pass before that: the workflow is started again.
    """
    while True:
        handle = await start(client, how)
        met, ended = (asyncio.ensure_future(each) for each in (until(condition), handle.result()))
        await asyncio.wait({met, ended}, return_when=asyncio.FIRST_COMPLETED)
        ended.cancel()
        if met.done():
            return handle
        met.cancel()


async def cancelled(handle: Handle) -> None:
    with pytest.raises(WorkflowFailureError) as failed:
        await handle.result()
    assert isinstance(failed.value.cause, CancelledError)


async def test_cancel_closes_the_model_connection(model: OfflineModel) -> None:
    model.faults.always("slow:30")
    async with AsyncOpenAI(max_retries=0) as openai:
        provider = OpenAIProvider(openai_client=openai)
        client = await connect(model_provider=provider, model_params=model_params())
        async with serving(client, Tools()) as worker:
            handle = await start(client, "cancel")
            await until(lambda: model.calls)
            stopped = time.monotonic()
            await handle.cancel()
            await cancelled(handle)
            await until(lambda: model.calls[0].disconnected)
            assert model.calls[0].disconnected is not None
            assert model.calls[0].disconnected - stopped < 1
            await check([await handle.fetch_history()], client, worker)
    assert len(model.calls) == 1


async def test_time_limit_closes_the_model_connection(model: OfflineModel) -> None:
    model.faults.always("slow:30")
    async with AsyncOpenAI(max_retries=0) as openai:
        provider = OpenAIProvider(openai_client=openai)
        client = await connect(model_provider=provider, model_params=model_params())
        async with serving(client, Tools()) as worker:
            handle = await start_until(client, "limit", lambda: model.calls)
            assert await handle.result() == "timed out"
            timed_out = time.monotonic()
            await until(lambda: model.calls[0].disconnected)
            assert model.calls[0].disconnected is not None
            assert model.calls[0].disconnected - timed_out < 1
            await check([await handle.fetch_history()], client, worker)
    assert len(model.calls) == 1


@pytest.mark.parametrize("tool", ["asynchronous", "synchronous"])
@pytest.mark.parametrize("how", ["cancel", "limit"])
async def test_tool_is_cancelled(tool: str, how: str) -> None:
    tools, model = Tools(), ScriptedModel([[function_call(tool, {}, call_id="1")]])
    client = await connect(model_provider=FixedModelProvider(model), model_params=model_params())
    async with serving(client, tools) as worker:
        handle = await start_until(client, how, lambda: tools.started)
        stopped = time.monotonic()
        if how == "cancel":
            await handle.cancel()
            await cancelled(handle)
        else:
            assert await handle.result() == "timed out"
            stopped = time.monotonic()
        await until(lambda: tools.cancelled)
        assert tools.cancelled[tool] - stopped < 1
        await check([await handle.fetch_history()], client, worker)
    assert len(model.calls) == 1


async def nothing(_call: ModelCall) -> list[Any]:
    await asyncio.Event().wait()
    return []


async def pending(handle: Handle) -> list[str]:
    """Return the ids of the calls that have no result yet."""
    items: list[Any] = list(await handle.query(Stoppable.recorded))
    return [item["call_id"] for item in items if item.get("output") == OUTCOME_UNKNOWN]


PARTIAL: dict[str, tuple[list[Any], dict[str, str]]] = {
    "in the second model call": (
        [[function_call("quick", {}, call_id="1")], ModelStep.respond(nothing)],
        {"1": "quick is done"},
    ),
    "in one of two tools": (
        [[function_call(name, {}, call_id=name) for name in ("quick", "asynchronous")]],
        {"quick": "quick is done", "asynchronous": OUTCOME_UNKNOWN},
    ),
    "in a sync tool": (
        [
            [function_call("quick", {}, call_id="1")],
            [function_call("synchronous", {}, call_id="2")],
        ],
        {"1": "quick is done", "2": OUTCOME_UNKNOWN},
    ),
}


@pytest.mark.parametrize("name", PARTIAL)
async def test_stopped_turn_keeps_completed_results(name: str) -> None:
    script, outputs = PARTIAL[name]
    tool_free = name == "in the second model call"
    tools, model = Tools(), ScriptedModel(script)
    client = await connect(model_provider=FixedModelProvider(model), model_params=model_params())
    async with serving(client, tools):
        handle = await start(client, "cancel")
        await until(lambda: tools.started or (tool_free and len(model.calls) == 2))
        if name == "in one of two tools":
            while len(await handle.query(Stoppable.recorded)) < 4:
                pass
        await handle.cancel()
        await cancelled(handle)
        items = await handle.query(Stoppable.recorded)
    kinds = [item.get("type") for item in items]
    assert kinds == ["function_call", "function_call_output"] * len(outputs)
    assert {item["call_id"]: item["output"] for item in items[1::2]} == outputs  # type: ignore[typeddict-item]
