"""A missing blob is a typed failure; on replay, the workflow waits until the blob is restored."""

from durable_agents import connect

import shutil
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest
from agents.items import TResponseOutputItem
from agents.testing import assistant_message, function_call
from temporalio.client import Client, WorkflowHandle
from temporalio.worker import Worker

from long_runs import run_worker
from long_runs.blob_store import BlobMissing
from long_runs.models import LongTurnReport
from long_runs.run_worker import build_worker
from long_runs.techniques import connect_options, task_queue
from long_runs.workflows.long_turn import LongTurnWorkflow
from sample_cli.processes import until
from tests.harness.workers import failure_of, model_params
from tests.long_runs.models import Items, PlayedModel, ids


@pytest.fixture
def blobs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder of the store; `hide` empties it, and `restore` fills it again."""
    # Runs are not cached, so they replay; and a worker that stops has none to drop.
    monkeypatch.setattr(run_worker, "Worker", partial(Worker, max_cached_workflows=0))
    monkeypatch.setenv("BLOB_FOLDER", str(tmp_path / "blobs"))
    return tmp_path / "blobs"


def hide(blobs: Path) -> None:
    shutil.copytree(blobs, blobs.with_name("backup"))
    for each in blobs.iterdir():
        shutil.rmtree(each)


def restore(blobs: Path) -> None:
    shutil.copytree(blobs.with_name("backup"), blobs, dirs_exist_ok=True)


async def start(client: Client) -> WorkflowHandle[LongTurnWorkflow, LongTurnReport]:
    return await client.start_workflow(
        LongTurnWorkflow.run,
        args=[3, "storage", 5_000],
        id=f"missing-{uuid4().hex[:8]}",
        task_queue=task_queue("storage"),
    )


@pytest.mark.parametrize("missing", ["input", "result"])
async def test_missing_blob_of_a_new_event_fails_the_workflow(missing: str, blobs: Path) -> None:
    model = PlayedModel(lambda tools, items: [assistant_message("word " * 500)])
    queue, params = uuid4().hex, model_params(12)
    params.task_queue = queue
    client = await connect(model_provider=model, model_params=params, **connect_options("storage"))
    async with build_worker(client, "storage"):
        handle = await start(client)
        await until(is_calling_the_model(handle, True))
    if missing == "input":
        hide(blobs)
    async with Worker(client, task_queue=queue):
        await until(is_calling_the_model(handle, False))
    if missing == "result":
        hide(blobs)
    async with build_worker(client, "storage"):
        error = await failure_of(handle.result())
    assert error.type == BlobMissing.__name__
    assert f"is not in {blobs}" in error.message
    assert model.requests == (missing == "result")


def is_calling_the_model(
    handle: WorkflowHandle[LongTurnWorkflow, LongTurnReport], expected: bool
) -> Callable[[], Awaitable[bool]]:
    async def condition() -> bool:
        return bool((await handle.describe()).raw_description.pending_activities) is expected

    return condition


async def test_missing_blob_of_a_replayed_event_stops_the_workflow_until_it_is_restored(
    blobs: Path,
) -> None:
    def play(tools: set[str], items: Items) -> list[TResponseOutputItem]:
        done = len(ids(items, "function_call_output"))
        if done == 2 and not blobs.with_name("backup").exists():
            hide(blobs)
        call = function_call("read_report", {"number": done + 1}, call_id=f"call-{done}")
        return [call if done < 3 else assistant_message("Done.")]

    model = PlayedModel(play)
    client = await connect(
        model_provider=model, model_params=model_params(), **connect_options("storage")
    )
    async with build_worker(client, "storage"):
        handle = await start(client)

        async def is_stopped() -> bool:
            task = (await handle.describe()).raw_description.pending_workflow_task
            return task.attempt > 1

        await until(is_stopped)
        restore(blobs)
        assert (await handle.result()).answer == "Done."
    assert model.requests == 4
