"""What the API can do while a worker, or Temporal, is away; and what it never reaches."""

from durable_agents import connect
from durable_agents.handles import UPDATE_LOST_TO_CLOSE

from typing import Any

import pytest
from temporalio.client import WorkflowHandle, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment

from goal_agent.models import Activity
from goal_agent.run_worker import build_worker
from goal_agent.service.conversations import Conversations
from tests.goal_agent.service import LONG, SHORT, DoesAsTold, Gate, Service, noted, served


async def test_without_a_worker_conversations_start_and_all_else_is_unavailable(
    temporal: WorkflowEnvironment,
) -> None:
    async with noted(await connect()) as conversations:
        path = await Service(conversations).begin("Hello")
        service = Service(Conversations(await connect(), SHORT))
        for answer in [
            await service.get(path),
            await service.post(f"{path}/prompts", {"text": "Hello?"}),
            await service.post(f"{path}/steps/1/confirm"),
        ]:
            assert (answer.status_code, answer.json()["error"]) == (503, "Unavailable")
            assert int(answer.headers["retry-after"]) > 0
        assert (await service.get("/api/goals")).status_code == 200
        page = await service.get(path.removeprefix("/api"))
        assert page.status_code == 200
        assert "Waiting for the service" in page.text


async def test_a_conversation_that_has_ended_can_be_read_without_a_worker() -> None:
    async with served(build_worker, DoesAsTold()) as service:
        path = await service.begin("Hello")
        await service.becomes(path, lambda now: now.activity is Activity.IDLE)
        await service.post(f"{path}/end")
        last = await service.becomes(path, lambda now: now.activity is Activity.ENDED)
        stopped = await service.begin("Hello")
        await service.becomes(stopped, lambda now: now.activity is Activity.IDLE)
        client = await connect()
        await client.get_workflow_handle(stopped.rpartition("/")[2]).terminate()
        told = await service.becomes(stopped, lambda now: True)
        assert told.activity is Activity.ENDED, "it was stopped from outside"
    assert (await service.get(path)).json() == last.model_dump(mode="json")
    assert (await service.get(f"{path}/tool-data")).json() is None


@pytest.mark.parametrize("id", ["goal-" + "5" * 32, "somebody-elses"])
async def test_another_workflow_is_out_of_reach_whatever_it_is_called(
    id: str, temporal: WorkflowEnvironment
) -> None:
    client = temporal.client
    handle = await client.start_workflow("SomebodyElses", id=id, task_queue="theirs")
    service = Service(Conversations(await connect()))
    path = f"/api/conversations/{id}"
    for answer in [await service.get(path), await service.post(f"{path}/end")]:
        assert answer.status_code == 404
    await handle.terminate()  # it is still there


async def test_temporal_goes_away_and_comes_back(
    temporal: WorkflowEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with noted(await connect()) as conversations:
        path = await Service(conversations).begin()
        gate = Gate(temporal.client.service_client.config.target_host)
        await gate.open()
        monkeypatch.setenv("TEMPORAL_ADDRESS", gate.address)
        client = await connect()
        await gate.shut()
        hasty = Service(Conversations(client, SHORT))
        for answer in [
            await hasty.post("/api/conversations", {"goal": "book_trip"}),
            await hasty.get(path),
            await hasty.post(f"{path}/end"),
        ]:
            assert (answer.status_code, answer.json()["error"]) == (503, "Unavailable")
        await gate.open()
        service = Service(Conversations(client, LONG))
        assert (await service.post(f"{path}/end")).status_code == 202
        await gate.shut()


async def test_a_decision_that_meets_a_closing_run_is_sent_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ids: list[str] = []
    really = WorkflowHandle.execute_update

    async def closed_at_first(*args: Any, id: str, **options: Any) -> object:
        ids.append(id)
        if len(ids) == 1:
            raise WorkflowUpdateFailedError(ApplicationError("closed", type=UPDATE_LOST_TO_CLOSE))
        return await really(*args, id=id, **options)

    async with served(build_worker, DoesAsTold()) as service:
        path = await service.begin("find events")
        now = await service.becomes(path, lambda now: now.activity is Activity.CONFIRMING)
        assert now.tool_data
        monkeypatch.setattr(WorkflowHandle, "execute_update", closed_at_first)
        answer = await service.post(f"{path}/steps/{now.tool_data.step_id}/confirm")
    assert answer.status_code == 200
    assert len(ids) == 2
    assert len(set(ids)) == 1, "a run that has had it would not know it again"
