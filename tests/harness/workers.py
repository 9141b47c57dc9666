"""Runs a topic's real worker on a scripted model, and checks the histories of its workflows."""

from durable_agents import connect

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

import httpx2
import pytest
from agents import Model, ModelProvider, ModelResponse
from agents.items import TResponseStreamEvent
from agents.testing import ModelCall
from openai import BadRequestError
from pydantic_core import from_json, to_json
from temporalio.api.enums.v1 import EventType, IndexedValueType, WorkflowTaskFailedCause
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.client import (
    Client,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowHistory,
)
from temporalio.common import RetryPolicy
from temporalio.converter import DataConverter
from temporalio.exceptions import ApplicationError, FailureError
from temporalio.openai_agents import ModelActivityParameters
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Plugin, Replayer, Worker, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from sample_cli.catalog import search_attributes
from sample_cli.processes import until
from sample_cli.temporal_server import find_program
from tests.harness.runs import RunRecorder, terminate, terminate_after_test

T = TypeVar("T")

PROMPTLY = 10.0  # seconds

# Not failures of the worker: an event arrived while the worker closed the workflow, or the workflow
# was terminated meanwhile.
SERVER_CAUSES = {
    WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND,
    WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_FORCE_CLOSE_COMMAND,
}

# The search attributes of all topics, with their types.
SEARCH_ATTRIBUTES = {
    name: IndexedValueType.Value(
        "INDEXED_VALUE_TYPE_" + re.sub("(?<=[a-z])(?=[A-Z])", "_", kind).upper()
    )
    for name, _, kind in (attribute.partition("=") for attribute in search_attributes())
}


class FixedModelProvider(ModelProvider, Model):
    """Returns the same model for every name, and passes it plain data.

    Decoded inputs contain one-shot iterators instead of some lists. API clients read them once; a
    scripted model copies its input, which fails for iterators.
    """

    def __init__(self, model: Model) -> None:
        self._model = model

    def get_model(self, model_name: str | None) -> Model:
        return self

    async def get_response(
        self, system_instructions: str | None, input: object, *args: Any, **kwargs: Any
    ) -> ModelResponse:
        plain = from_json(to_json(input))
        return await self._model.get_response(system_instructions, plain, *args, **kwargs)

    def stream_response(
        self, system_instructions: str | None, input: object, *args: Any, **kwargs: Any
    ) -> AsyncIterator[TResponseStreamEvent]:
        plain = from_json(to_json(input))
        return self._model.stream_response(system_instructions, plain, *args, **kwargs)


def bad_request(message: str = "Refused.", body: object = None) -> BadRequestError:
    """Return the error for an API response with status 400."""
    request = httpx2.Request("POST", "https://api.example/v1/responses")
    return BadRequestError(message, response=httpx2.Response(400, request=request), body=body)


def model_params(attempts: int = 1) -> ModelActivityParameters:
    """Return settings of model calls with short intervals; scripted models have one attempt."""
    return ModelActivityParameters(
        start_to_close_timeout=timedelta(seconds=30),
        heartbeat_timeout=timedelta(seconds=10),
        retry_policy=RetryPolicy(
            initial_interval=timedelta(milliseconds=50),
            backoff_coefficient=1,
            maximum_attempts=attempts,
            non_retryable_error_types=["UserError"],
        ),
    )


def failing_once(retried_after: timedelta) -> ModelActivityParameters:
    """Return settings of model calls with which a failed call stays pending for some time."""
    return replace(
        model_params(),
        retry_policy=RetryPolicy(
            initial_interval=retried_after, maximum_interval=retried_after, maximum_attempts=2
        ),
    )


async def timers_started(handle: WorkflowHandle[Any, Any]) -> int:
    """Return how many timers a run has started; each is a billable action."""
    events = (await handle.fetch_history()).events
    return sum(event.event_type == EventType.EVENT_TYPE_TIMER_STARTED for event in events)


async def until_retried(handle: WorkflowHandle[Any, Any]) -> None:
    """Wait until a workflow's activity waits for its second attempt."""

    async def is_retried() -> bool:
        pending = (await handle.describe()).raw_description.pending_activities
        return any(activity.attempt == 2 for activity in pending)

    await until(is_retried)


@asynccontextmanager
async def serving(
    build_worker: Callable[[Client], Worker],
    model: Model,
    replayed: int | None = None,
    /,
    **plugin_options: Any,
) -> AsyncIterator[Client]:
    """Run a topic's worker on `model`; yield a client.

    After the block, check every workflow that ran during it: no workflow task failed, and the
    history replays. `replayed` limits how many are replayed, if they are many of a kind.
    """
    recorder = RunRecorder()
    options: dict[str, Any] = {
        "model_provider": FixedModelProvider(model),
        "model_params": model_params(),
        **plugin_options,
        "interceptors": [*plugin_options.get("interceptors", ()), recorder],
    }
    client = await connect(**options)
    worker = build_worker(client)
    async with worker:
        try:
            yield client
        except BaseException:  # the worker would wait for activities that the test holds
            await terminate(recorder.handles(client, worker.task_queue))
            raise
    runs = recorder.handles(client, worker.task_queue)
    histories = [await run.fetch_history() for run in runs]
    for run, history in zip(runs, histories, strict=True):
        terminate_after_test(run, history)
    await check(histories, client, worker, replayed)


@asynccontextmanager
async def serving_on_skipped_time(
    build_worker: Callable[[Client], Worker],
    model: Model,
    monkeypatch: pytest.MonkeyPatch,
    **plugin_options: Any,
) -> AsyncIterator[tuple[Client, WorkflowEnvironment]]:
    """Serve a topic on a time-skipping server; `sleep` of the environment moves its time."""
    path = find_program("temporal-test-server")
    async with await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=path
    ) as skipping:
        await skipping.client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(namespace="default", search_attributes=SEARCH_ATTRIBUTES)
        )
        address = skipping.client.service_client.config.target_host
        monkeypatch.setenv("TEMPORAL_ADDRESS", address)
        options = {"model_params": model_params(), **plugin_options}
        client = await connect(model_provider=FixedModelProvider(model), **options)
        async with build_worker(client):
            yield client, skipping


async def check(
    histories: Sequence[WorkflowHistory],
    client: Client,
    worker: Worker,
    replayed: int | None = None,
) -> None:
    """Check that no workflow task failed, and that the first `replayed` histories replay."""
    for history in histories:
        failures = [event.workflow_task_failed_event_attributes for event in failed_tasks(history)]
        assert not failures, (history.workflow_id, failures)
    await replay(histories[:replayed], client, worker)


async def replay(
    histories: Iterable[WorkflowHistory],
    client: Client,
    worker: Worker,
    runner: WorkflowRunner | None = None,
) -> None:
    """Replay histories on the workflows of a worker, with its plugins, codec, and storage.

    Runs of another worker version are skipped: its code may differ. Without a `runner`, workflows
    run as the worker's plugins say, by default in the sandbox.

    Raises:
        ValueError: A history has one event; the SDK's replayer would wait for more forever.
        Exception: A history does not replay; a note lists its events.
    """
    by_run_id: dict[str, WorkflowHistory] = {}

    async def each() -> AsyncIterator[WorkflowHistory]:
        for history in histories:
            if build_of(history) not in {"", build}:
                continue
            if len(history.events) < 2:
                raise ValueError(f"{history.workflow_id}: one event cannot be replayed")
            by_run_id[history.run_id] = history
            yield history

    configured, given = worker.config(), client.config()["data_converter"]
    version = configured.get("deployment_config")
    build = version.version.build_id if version else ""
    plugins = [plugin for plugin in client.config()["plugins"] if isinstance(plugin, Plugin)]
    replayer = Replayer(
        workflows=configured["workflows"],
        workflow_runner=runner or SandboxedWorkflowRunner(),
        plugins=[*plugins, *configured["plugins"]],
        # Without the payload converter, which the agents plugin sets itself.
        data_converter=DataConverter(
            payload_codec=given.payload_codec, external_storage=given.external_storage
        ),
    )
    results = await replayer.replay_workflows(each(), raise_on_replay_failure=False)
    for run_id, error in results.replay_failures.items():
        error.add_note(f"Run {run_id}: {', '.join(map(_describe, by_run_id[run_id].events))}")
        raise error


def _describe(event: HistoryEvent) -> str:
    """Return the number and type of an event, and the type of activity that it schedules."""
    name = EventType.Name(event.event_type).removeprefix("EVENT_TYPE_").lower()
    activity = event.activity_task_scheduled_event_attributes.activity_type.name
    return f"{event.event_id} {name} {activity}".rstrip()


def build_of(history: WorkflowHistory) -> str:
    """Return the build id of the worker version that a run was on; empty without versioning."""
    tasks = [event.workflow_task_completed_event_attributes for event in history.events]
    return next((t.deployment_version.build_id for t in reversed(tasks) if t.identity), "")


def failed_tasks(history: WorkflowHistory) -> list[HistoryEvent]:
    """Return the workflow tasks that failed on the worker."""
    return [
        event
        for event in history.events
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED
        and event.workflow_task_failed_event_attributes.cause not in SERVER_CAUSES
    ]


async def promptly(awaiting: Awaitable[T], name: str) -> T:
    """Return a result; fail, instead of hanging, if it takes longer than `PROMPTLY`."""
    task = asyncio.ensure_future(awaiting)
    if not (await asyncio.wait([task], timeout=PROMPTLY))[0]:
        task.cancel()
        pytest.fail(f"{name} did not finish within {PROMPTLY:g} s")
    return await task


def input_texts(call: ModelCall) -> list[str]:
    """Return the texts of messages and tool outputs that a call sent to the model, in order."""
    texts: list[str] = []
    for item in call.input:
        content = item.get("content", item.get("output"))
        if isinstance(content, str):
            texts.append(content)
        elif content:
            texts.extend(part["text"] for part in content if "text" in part)
    return texts


async def failure_of(starting: Awaitable[object]) -> ApplicationError:
    """Return the root cause of the workflow failure that a starter raises."""
    with pytest.raises(WorkflowFailureError) as failure:
        await starting
    cause = failure.value.cause
    while isinstance(cause, FailureError) and cause.cause:
        cause = cause.cause
    assert isinstance(cause, ApplicationError)
    return cause
