"""Processes without the right key: workers retry, clients stop, and nothing is lost."""

from durable_agents import connect
from durable_agents.encryption import DecryptionError

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from agents.testing import ScriptedModel, assistant_message
from temporalio.client import WorkflowHandle

from encryption import TASK_QUEUE
from encryption.run_worker import build_worker
from encryption.workflows.encrypted import EncryptedWorkflow
from sample_cli.processes import until
from tests.encryption import planted
from tests.encryption.keys import OTHER_A, A, B
from tests.encryption.planted import PlantedWorkflow
from tests.harness.workers import FixedModelProvider, failed_tasks, serving

MISSING = "A payload is encrypted with the key 'a', which is missing. Add it to ENCRYPTION_KEYS;"
WRONG_KEYS = [
    (None, f"{MISSING} the ids there are none: it is not set."),
    (B, f"{MISSING} the ids there are b."),
    (OTHER_A, "A payload does not fit the key 'a' in ENCRYPTION_KEYS. Restore the key that "),
]
UNUSED = FixedModelProvider(ScriptedModel([]))
wrong_keys = pytest.mark.parametrize(("keys", "problem"), WRONG_KEYS)


def set_keys(monkeypatch: pytest.MonkeyPatch, keys: str | None) -> None:
    if keys:
        monkeypatch.setenv("ENCRYPTION_KEYS", keys)
    else:
        monkeypatch.delenv("ENCRYPTION_KEYS", raising=False)


def answering() -> ScriptedModel:
    return ScriptedModel([[assistant_message("Nothing is pending.")]])


async def has_failed_task(handle: WorkflowHandle[Any, Any]) -> bool:
    return bool(failed_tasks(await handle.fetch_history()))


@wrong_keys
async def test_workflow_waits_for_its_key_and_says_so(
    keys: str | None, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_keys(monkeypatch, A)
    handle = await (await connect()).start_workflow(
        EncryptedWorkflow.run,
        "What is pending?",
        id=f"lost-key-{uuid4()}",
        task_queue=TASK_QUEUE,
        task_timeout=timedelta(seconds=1),  # when the server retries a task that was not completed
    )
    set_keys(monkeypatch, keys)
    async with build_worker(await connect(model_provider=UNUSED)):
        await until(partial(has_failed_task, handle))
    [failed] = failed_tasks(await handle.fetch_history())
    message = failed.workflow_task_failed_event_attributes.failure.message
    assert message.startswith(problem)  # readable without keys

    set_keys(monkeypatch, f"{B},{A}")
    async with serving(build_worker, answering()) as client:
        restored = client.get_workflow_handle(handle.id, result_type=str)
        assert await restored.result() == "Nothing is pending."


@wrong_keys
async def test_client_stops_with_one_line(
    keys: str | None, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_keys(monkeypatch, A)
    async with serving(build_worker, answering()) as client:
        handle = await client.start_workflow(
            EncryptedWorkflow.run, "Hello?", id=f"lost-key-{uuid4()}", task_queue=TASK_QUEUE
        )
        await handle.result()
        set_keys(monkeypatch, keys)
        foreign = (await connect()).get_workflow_handle(handle.id)
        with pytest.raises(DecryptionError) as stopped:
            await foreign.result()
        set_keys(monkeypatch, A)
    assert str(stopped.value).startswith(problem)


async def test_signal_is_not_dropped_by_a_worker_without_keys(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The workflow started before the introduction of encryption."""
    set_keys(monkeypatch, None)
    async with serving(planted.build_worker, planted.model()) as client:
        handle = await client.start_workflow(
            PlantedWorkflow.run,
            "Hello?",
            id=f"lost-key-{uuid4()}",
            task_queue=planted.QUEUE,
            task_timeout=timedelta(seconds=1),
        )
        assert await handle.query(PlantedWorkflow.notes) == []
    set_keys(monkeypatch, A)
    keyed = (await connect()).get_workflow_handle(handle.id)
    await keyed.signal(PlantedWorkflow.note, "encrypted")
    set_keys(monkeypatch, None)
    async with planted.build_worker(await connect(model_provider=UNUSED)):
        await until(partial(has_failed_task, handle))
    set_keys(monkeypatch, A)
    async with planted.build_worker(await connect(model_provider=UNUSED)):
        assert await keyed.query(PlantedWorkflow.notes) == ["encrypted"]
        await handle.terminate()
