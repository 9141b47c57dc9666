"""The sandbox: contexts of payloads for what uses them, and otherwise temporalio's own sandbox."""

import durable_agents
from durable_agents import connect

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self
from unittest.mock import patch
from uuid import uuid4

import pytest
from agents.testing import ScriptedModel
from temporalio.api.common.v1 import Payload
from temporalio.converter import (
    ActivitySerializationContext,
    DataConverter,
    ExternalStorage,
    PayloadCodec,
    SerializationContext,
    StorageDriverClaim,
    StorageDriverStoreContext,
    StorageDriverWorkflowInfo,
    WithSerializationContext,
    WorkflowSerializationContext,
)
from temporalio.worker import UnsandboxedWorkflowRunner, Worker, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, _runner

from long_runs.blob_store import ChunkedStorage
from sample_cli.processes import until
from tests.durable_agents.boxed import (
    QUEUE,
    Clock,
    Identity,
    InnerRunner,
    Loop,
    OwnRunner,
    Shout,
    build_worker,
)
from tests.encryption.keys import A
from tests.harness import deadlocks
from tests.harness.workers import FixedModelProvider, failed_tasks, failure_of, serving

TEXT = "the only text"
CONTEXTS = {
    name: getattr(_runner._Instance, name)
    for name in ("get_serialization_context", "get_external_store_context")
}
Contexts = dict[bytes, list[SerializationContext | None]]


class Recording(PayloadCodec, WithSerializationContext):
    """Leaves payloads as they are, and records the context in which each was encoded."""

    def __init__(self, found: Contexts, context: SerializationContext | None = None) -> None:
        self.found, self.context = found, context

    def with_context(self, context: SerializationContext) -> Self:
        return type(self)(self.found, context)

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        for payload in payloads:
            self.found.setdefault(payload.data, []).append(self.context)
        return [*payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [*payloads]


class Describing(ChunkedStorage):
    """Records what each stored payload belongs to."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.targets: list[object] = []

    async def store(
        self, context: StorageDriverStoreContext, payloads: Sequence[Payload]
    ) -> list[StorageDriverClaim]:
        self.targets.append(context.target)
        return await super().store(context, payloads)


async def shouted(**options: Any) -> list[str]:
    """Run `Shout`; return the names of the sandbox's methods that ran for its payloads."""
    with ExitStack() as stack:
        methods = {
            name: stack.enter_context(
                patch.object(_runner._Instance, name, autospec=True, side_effect=method)
            )
            for name, method in CONTEXTS.items()
        }
        async with serving(build_worker, ScriptedModel([]), **options) as client:
            run = client.execute_workflow(Shout.run, TEXT, id=f"{uuid4()}", task_queue=QUEUE)
            assert await run == f"{TEXT}!"
            return [name for name, method in methods.items() if method.called]


async def test_payloads_without_codec_do_not_enter_the_sandbox() -> None:
    assert not await shouted()


async def test_encrypted_payloads_do_not_enter_the_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENCRYPTION_KEYS", A)
    assert not await shouted()


async def test_codec_gets_the_context_of_each_activity() -> None:
    found: Contexts = {}
    assert await shouted(data_converter=DataConverter(payload_codec=Recording(found)))
    of_client, *of_workflow = found[f'"{TEXT}"'.encode()]
    assert isinstance(of_client, WorkflowSerializationContext)
    assert len(of_workflow) == 2  # when it ran, and in the replay after it
    for context in of_workflow:
        assert isinstance(context, ActivitySerializationContext)
        assert context.activity_type == "shout"


async def test_storage_gets_the_workflow_that_stores(tmp_path: Path) -> None:
    driver = Describing(tmp_path)
    storage = ExternalStorage(drivers=[driver], payload_size_threshold=1)
    assert await shouted(data_converter=DataConverter(external_storage=storage))
    of_workflows = [each for each in driver.targets if isinstance(each, StorageDriverWorkflowInfo)]
    assert {each.type for each in of_workflows} == {"Shout"}


@pytest.mark.parametrize("is_stored", [False, True])
async def test_several_payloads_are_transferred_at_once_only_with_storage(
    is_stored: bool, tmp_path: Path
) -> None:
    storage = ExternalStorage(drivers=[Describing(tmp_path)]) if is_stored else None
    converter = DataConverter(external_storage=storage)
    client = await connect(data_converter=converter, register_activities=False)
    worker = Worker(client, task_queue=QUEUE, workflows=[Shout])
    at_once = worker.config(active_config=True)["max_workflow_task_external_storage_concurrency"]
    assert (at_once > 1) is is_stored


async def test_sandbox_shares_durable_agents() -> None:
    async with serving(build_worker, ScriptedModel([])) as client:
        run = client.execute_workflow(Identity.run, id=f"{uuid4()}", task_queue=QUEUE)
        assert await run == id(durable_agents)


@pytest.mark.parametrize(
    "runner",
    [UnsandboxedWorkflowRunner(), OwnRunner(), SandboxedWorkflowRunner(runner_class=InnerRunner)],
)
async def test_own_runner_of_a_worker_is_kept(runner: WorkflowRunner) -> None:
    client = await connect(register_activities=False)
    worker = Worker(client, task_queue=QUEUE, workflows=[Shout], workflow_runner=runner)
    kept = worker.config(active_config=True)["workflow_runner"]
    assert getattr(kept, "runner_class", None) is getattr(runner, "runner_class", None)
    assert isinstance(kept, type(runner))


async def test_sandbox_still_forbids_the_clock() -> None:
    async with serving(build_worker, ScriptedModel([])) as client:
        run = client.execute_workflow(Clock.run, id=f"{uuid4()}", task_queue=QUEUE)
        error = await failure_of(run)
    assert (error.type, "time.time" in error.message) == ("RestrictedWorkflowAccessError", True)


async def test_blocked_workflow_is_interrupted(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(deadlocks, "TIMEOUT", 0.2)
    client = await connect(model_provider=FixedModelProvider(ScriptedModel([])))
    async with build_worker(client):
        handle = await client.start_workflow(Loop.run, id=f"{uuid4()}", task_queue=QUEUE)

        async def has_failed() -> bool:
            return bool(failed_tasks(await handle.fetch_history()))

        await until(has_failed)
        await handle.terminate()
    assert "all(True for" in caplog.text  # where it blocks
