"""This project's worker: as it is, with the fast profile, or with something switched off.

There are no switches for guarantees and savings. They are replaced here, in the worker's process.
"""

from durable_agents import connect, model_calls, plugin, run, sandbox, serve, tools
from durable_agents.client import model_call_defaults
from durable_agents.fast import fast
from durable_agents.payloads import StrictPayloadConverter

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from agents import set_trace_processors
from openai import AsyncOpenAI
from temporalio.client import Client
from temporalio.openai_agents import (
    ModelActivityParameters,
    OpenAIAgentsPlugin,
    OpenAIPayloadConverter,
)
from temporalio.worker import Worker

from benchmarks.peers.activities import get_weather
from benchmarks.peers.bare_workflow import BareWorkflow
from benchmarks.peers.driver import drive
from benchmarks.peers.stock_workflow import StockWorkflow
from benchmarks.peers.temporal_client import WorkflowRunner
from benchmarks.peers.workflow import WeatherWorkflow

Options = dict[str, Any]  # arguments of `connect`


def _replace(owner: object, name: str, value: object) -> Options:
    assert hasattr(owner, name), name
    setattr(owner, name, value)
    return {}


def heartbeat_timeout(timeout: timedelta | None) -> Options:
    """Detect lost model calls and tools after `timeout`; with None, send no heartbeats."""
    _replace(tools, "HEARTBEAT_TIMEOUT", timeout)
    return {"model_params": replace(model_call_defaults(), heartbeat_timeout=timeout)}


def no_argument_validation() -> Options:
    """Decode arguments as the agents plugin does, and do not compare them with the signatures."""
    _replace(plugin, "check_arguments", lambda: None)
    return _replace(StrictPayloadConverter, "from_payloads", OpenAIPayloadConverter.from_payloads)


def no_response_validation() -> Options:
    """Pass the model's responses on as they are."""
    return _replace(plugin, "validate_response", lambda response, **_options: response)


def openai_client() -> Options:
    """Let OpenAI's client look for fields to transform in each item of a conversation."""
    return _replace(model_calls.OpenAIClient, "responses", AsyncOpenAI.responses)


def no_tool_cache() -> Options:
    """Build a tool whenever a workflow asks for one."""
    return _replace(tools, "_MAX_CACHED", -1)  # a negative limit keeps none


def contexts() -> Options:
    """Ask the sandbox what each payload belongs to."""
    return _replace(sandbox, "without_contexts", lambda runner, _converter: runner)


VARIANTS: dict[str, Callable[[], Options]] = {
    "default": dict,
    "fast": fast,
    "fast-unsandboxed": partial(fast, sandbox=False),
    "bare": partial(fast, sandbox=False),
    "heartbeat-2s": partial(heartbeat_timeout, timedelta(seconds=2)),
    "no-heartbeats": partial(heartbeat_timeout, None),
    "no-argument-validation": no_argument_validation,
    "no-response-validation": no_response_validation,
    "openai-client": openai_client,
    "no-tool-cache": no_tool_cache,
    "contexts": contexts,
    "no-size-limits": partial(_replace, StrictPayloadConverter, "is_limited", False),
}
STOCK = "stock"
WORKFLOWS: dict[str, type] = {STOCK: StockWorkflow, "bare": BareWorkflow}  # or WeatherWorkflow


async def _connect_stock() -> Client:
    set_trace_processors([])
    timeout = timedelta(seconds=60)  # a lost call is detected after this time
    params = ModelActivityParameters(start_to_close_timeout=timeout)
    plugins = [OpenAIAgentsPlugin(model_params=params)]
    return await Client.connect(os.environ["TEMPORAL_ADDRESS"], plugins=plugins)


async def main(variant: str, *, client_inside: bool = False) -> None:
    """Serve the queue that the environment names.

    With --client-inside, this process also starts the workflows, and gets their first tasks with
    the server's answer, as a service that runs its own agents would.
    """
    client = await (_connect_stock() if variant == STOCK else connect(**VARIANTS[variant]()))
    worker = Worker(
        client,
        task_queue=os.environ["TASK_QUEUE"],
        workflows=[WORKFLOWS.get(variant, WeatherWorkflow)],
        activities=[get_weather],
        max_concurrent_activities=100,
    )
    if not client_inside:
        await serve(worker)
        return
    runner = WorkflowRunner(client, eager=True)
    async with worker:
        await drive(runner.run, runner.resume)


if __name__ == "__main__":
    run(main)
