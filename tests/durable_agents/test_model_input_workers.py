"""Model calls fetch their input while workers are split, replaced, versioned, or down."""

from durable_agents import connect, handles, model_input
from durable_agents.model_input import ModelInputPlugin

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from agents import ModelProvider, OpenAIProvider
from agents.testing import ScriptedModel, assistant_message
from openai import AsyncOpenAI
from temporalio.api.enums.v1 import EventType
from temporalio.api.workflowservice.v1 import SetWorkerDeploymentCurrentVersionRequest
from temporalio.client import Client, WorkflowHandle
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.service import RPCError
from temporalio.worker import Worker, WorkerDeploymentConfig

from offline_model.server import OfflineModel
from sample_cli.processes import until
from tests.durable_agents.archive import Archive
from tests.harness.workers import FixedModelProvider, failure_of, input_texts, model_params

QUESTION = "What is in document 1? " * 500


class Split:
    """Workers on two queues: one for workflows, one for model calls."""

    def __init__(self, client: Client, model_client: Client, model_queue: str) -> None:
        self._client, self._model_client, self._model_queue = client, model_client, model_queue
        self._queue = uuid4().hex

    @classmethod
    async def connected(cls, provider: ModelProvider) -> "Split":
        queue, params = uuid4().hex, model_params()
        params.task_queue = queue
        # The same for both: in one process, the agents plugin that started last sets them for all.
        options: dict[str, Any] = {"model_provider": provider, "model_params": params}
        client = await connect(**options, register_activities=False)
        return cls(client, await connect(**options), queue)

    def workflow_worker(self, *plugins: ModelInputPlugin) -> Worker:
        return Worker(
            self._client,
            task_queue=self._queue,
            workflows=[Archive],
            plugins=plugins,
            max_cached_workflows=0,  # a worker that stops would drop a cached run uncleanly
        )

    def model_worker(self, *plugins: ModelInputPlugin) -> Worker:
        return Worker(self._model_client, task_queue=self._model_queue, plugins=plugins)

    async def start(self) -> WorkflowHandle[Archive, list[str]]:
        id = f"archive-{uuid4().hex[:8]}"
        return await self._client.start_workflow(
            Archive.run, [QUESTION], id=id, task_queue=self._queue
        )


def has_model_call(handle: WorkflowHandle[Archive, list[str]]) -> Callable[[], Awaitable[bool]]:
    async def condition() -> bool:
        pending = (await handle.describe()).raw_description.pending_activities
        return bool(pending)

    return condition


def answering() -> ScriptedModel:
    return ScriptedModel([[assistant_message("Words.")]])


async def test_model_worker_on_another_queue_fetches_the_input() -> None:
    model = answering()
    split = await Split.connected(FixedModelProvider(model))
    async with split.workflow_worker(ModelInputPlugin()), split.model_worker(ModelInputPlugin()):
        assert await (await split.start()).result() == ["Words."]
    assert input_texts(model.calls[0]) == [QUESTION]


async def test_model_worker_without_the_plugin_fails_the_call(model: OfflineModel) -> None:
    async with AsyncOpenAI(max_retries=0) as openai:
        split = await Split.connected(OpenAIProvider(openai_client=openai))
        async with split.workflow_worker(ModelInputPlugin()), split.model_worker():
            error = await failure_of((await split.start()).result())
    assert error.type in ("BadRequestError", "NotFoundError")
    assert "workflow-model-input" in error.message


async def test_model_call_waits_while_no_worker_runs_its_workflow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    failed: list[BaseException] = []

    def is_transient(error: BaseException) -> bool:
        failed.append(error)
        return handles.is_transient(error)

    async def has_failed() -> bool:
        return bool(failed)

    monkeypatch.setattr(model_input, "is_transient", is_transient)
    model = answering()
    split = await Split.connected(FixedModelProvider(model))
    async with split.workflow_worker(ModelInputPlugin()):
        handle = await split.start()
        await until(has_model_call(handle))
    with monkeypatch.context() as impatient:
        impatient.setattr(model_input, "QUERY_TIMEOUT", timedelta(milliseconds=100))
        model_worker = split.model_worker(ModelInputPlugin())
        serving = asyncio.create_task(model_worker.run())
        await until(has_failed)
    async with split.workflow_worker(ModelInputPlugin()):
        assert await handle.result() == ["Words."]
    await model_worker.shutdown()
    await serving
    attempts = [
        event.activity_task_started_event_attributes.attempt
        for event in (await handle.fetch_history()).events
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED
    ]
    assert attempts == [1]


async def test_workflow_worker_without_the_plugin_is_named_in_the_error() -> None:
    split = await Split.connected(FixedModelProvider(answering()))
    async with split.workflow_worker(ModelInputPlugin()):
        handle = await split.start()
        await until(has_model_call(handle))
    async with split.workflow_worker(), split.model_worker(ModelInputPlugin()):
        error = await failure_of(handle.result())
    assert error.type == "ModelInputUnavailable"
    assert "durable_agents.model_input" in error.message


async def test_pinned_workflow_serves_the_input_from_its_own_version() -> None:
    model, queue, name = answering(), uuid4().hex, f"archive-{uuid4().hex[:8]}"
    version = WorkerDeploymentVersion(name, "1")
    client = await connect(model_provider=FixedModelProvider(model), model_params=model_params())
    worker = Worker(
        client,
        task_queue=queue,
        workflows=[Archive],
        plugins=[ModelInputPlugin()],
        deployment_config=WorkerDeploymentConfig(
            version=version,
            use_worker_versioning=True,
            default_versioning_behavior=VersioningBehavior.PINNED,
        ),
    )
    async with worker:
        await until(is_current(client, version))
        answer = await client.execute_workflow(Archive.run, [QUESTION], id=name, task_queue=queue)
    assert answer == ["Words."]
    assert input_texts(model.calls[0]) == [QUESTION]


def is_current(client: Client, version: WorkerDeploymentVersion) -> Callable[[], Awaitable[bool]]:
    """Return a condition that makes `version` current once its worker polls."""

    async def condition() -> bool:
        request = SetWorkerDeploymentCurrentVersionRequest(
            namespace=client.namespace,
            deployment_name=version.deployment_name,
            build_id=version.build_id,
        )
        try:
            await client.workflow_service.set_worker_deployment_current_version(request)
        except RPCError:
            return False
        return True

    return condition
