"""No text of a workflow is readable on the server, wherever it comes from."""

import re
from uuid import uuid4

import pytest
from temporalio.client import WorkflowFailureError, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.converter import DataConverter, ExternalStorage
from temporalio.testing import WorkflowEnvironment

from long_runs.blob_store import ChunkedStorage
from tests.encryption.keys import A
from tests.encryption.planted import QUEUE, PlantedWorkflow, build_worker, model
from tests.harness.workers import serving

SECRET = re.compile(rb"SECRET-\w+")
PLANTED = 20


async def run_planted(data_converter: DataConverter = DataConverter.default) -> str:
    """Run the workflow; return its id. Everything is readable for the client."""
    async with serving(build_worker, model(), data_converter=data_converter) as client:
        handle = await client.start_workflow(
            PlantedWorkflow.run,
            "SECRET-prompt",
            id=f"planted-{uuid4()}",
            task_queue=QUEUE,
            memo={"memo": "SECRET-memo"},
            static_summary="SECRET-title",
            static_details="SECRET-details",
        )
        await handle.signal(PlantedWorkflow.note, "SECRET-signal")
        with pytest.raises(WorkflowUpdateFailedError) as refused:
            await handle.execute_update(PlantedWorkflow.refuse, "SECRET-argument")
        assert "SECRET-refused SECRET-argument" in str(refused.value.cause)
        assert await handle.execute_update(PlantedWorkflow.proceed, "now") == "SECRET-updated now"
        with pytest.raises(WorkflowFailureError) as failed:
            await handle.result()
        assert "SECRET-error" in str(failed.value.cause)
        assert await (await handle.describe()).static_summary() == "SECRET-title"
    return handle.id


async def stored(temporal: WorkflowEnvironment, workflow_id: str) -> bytes:
    """Return everything that the server returns about a workflow."""
    handle: WorkflowHandle[object, object] = temporal.client.get_workflow_handle(workflow_id)
    history = await handle.fetch_history()
    description = (await handle.describe()).raw_description
    listed = [each async for each in temporal.client.list_workflows(f"WorkflowId='{workflow_id}'")]
    messages = [*history.events, description, *(each.raw_info for each in listed)]
    return b"".join(message.SerializeToString() for message in messages)


async def test_no_planted_secret_is_readable_on_the_server(
    temporal: WorkflowEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    readable = set(SECRET.findall(await stored(temporal, await run_planted())))
    assert len(readable) == PLANTED, readable
    monkeypatch.setenv("ENCRYPTION_KEYS", A)
    raw = await stored(temporal, await run_planted())
    assert not SECRET.findall(raw)
    for name in (b"PlantedWorkflow", b"account", b"Planted", b"UnknownAccount", b"proceed"):
        assert name in raw  # names of types, handlers, and errors stay readable


async def test_external_storage_receives_encrypted_payloads(
    temporal: WorkflowEnvironment,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    monkeypatch.setenv("ENCRYPTION_KEYS", A)
    folder = tmp_path_factory.mktemp("blobs")
    storage = ExternalStorage(drivers=[ChunkedStorage(folder)], payload_size_threshold=1)
    raw = await stored(temporal, await run_planted(DataConverter(external_storage=storage)))
    assert not SECRET.findall(raw)
    blobs = [file.read_bytes() for file in folder.rglob("*") if file.is_file()]
    assert len(blobs) > PLANTED
    assert not any(SECRET.search(blob) for blob in blobs)
