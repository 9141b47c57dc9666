"""The gateway during outages of workers or Temporal, and its isolation from other workflows."""

from durable_agents import connect
from durable_agents.handles import UPDATE_LOST_TO_CLOSE

from typing import Any

import pytest
from temporalio.client import WorkflowHandle, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment

from goal_agent.models import ConversationStatus
from goal_agent.run_worker import build_worker
from goal_agent.web.gateway import WorkflowGateway
from tests.goal_agent.web import (
    LONG,
    SHORT,
    KeywordModel,
    Service,
    recording_gateway,
    serving_api,
)
from tests.harness.services import TemporalProxy


async def test_conversations_start_and_other_requests_are_unavailable_without_a_worker(
    temporal: WorkflowEnvironment,
) -> None:
    async with recording_gateway(await connect()) as gateway:
        path = await Service(gateway).start("Hello")
        service = Service(WorkflowGateway(await connect(), SHORT))
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


async def test_ended_conversation_is_readable_without_a_worker() -> None:
    async with serving_api(build_worker, KeywordModel()) as service:
        path = await service.start("Hello")
        await service.wait_for(path, lambda now: now.activity is ConversationStatus.IDLE)
        await service.post(f"{path}/end")
        last = await service.wait_for(path, lambda now: now.activity is ConversationStatus.ENDED)
        stopped = await service.start("Hello")
        await service.wait_for(stopped, lambda now: now.activity is ConversationStatus.IDLE)
        client = await connect()
        await client.get_workflow_handle(stopped.rpartition("/")[2]).terminate()
        terminated = await service.wait_for(stopped, lambda now: True)
        assert terminated.activity is ConversationStatus.ENDED, "it was terminated"
    assert (await service.get(path)).json() == last.model_dump(mode="json")
    assert (await service.get(f"{path}/tool-data")).json() is None


@pytest.mark.parametrize("id", ["goal-" + "5" * 32, "other-workflow"])
async def test_workflow_of_another_type_is_not_found(
    id: str, temporal: WorkflowEnvironment
) -> None:
    client = temporal.client
    handle = await client.start_workflow("OtherWorkflow", id=id, task_queue="other-queue")
    service = Service(WorkflowGateway(await connect()))
    path = f"/api/conversations/{id}"
    for answer in [await service.get(path), await service.post(f"{path}/end")]:
        assert answer.status_code == 404
    await handle.terminate()  # still running


async def test_service_recovers_after_a_temporal_outage(
    temporal: WorkflowEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with recording_gateway(await connect()) as gateway:
        path = await Service(gateway).start()
        proxy = TemporalProxy(temporal.client.service_client.config.target_host)
        await proxy.open()
        monkeypatch.setenv("TEMPORAL_ADDRESS", proxy.address)
        client = await connect()
        await proxy.close()
        impatient = Service(WorkflowGateway(client, SHORT))
        for answer in [
            await impatient.post("/api/conversations", {"goal": "book_trip"}),
            await impatient.get(path),
            await impatient.post(f"{path}/end"),
        ]:
            assert (answer.status_code, answer.json()["error"]) == (503, "Unavailable")
        await proxy.open()
        service = Service(WorkflowGateway(client, LONG))
        assert (await service.post(f"{path}/end")).status_code == 202
        await proxy.close()


async def test_decision_is_resent_when_the_run_is_closing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ids: list[str] = []
    really = WorkflowHandle.execute_update

    async def closed_at_first(*args: Any, id: str, **options: Any) -> object:
        ids.append(id)
        if len(ids) == 1:
            raise WorkflowUpdateFailedError(ApplicationError("closed", type=UPDATE_LOST_TO_CLOSE))
        return await really(*args, id=id, **options)

    async with serving_api(build_worker, KeywordModel()) as service:
        path = await service.start("find events")
        now = await service.wait_for(
            path, lambda now: now.activity is ConversationStatus.CONFIRMING
        )
        assert now.tool_data
        monkeypatch.setattr(WorkflowHandle, "execute_update", closed_at_first)
        answer = await service.post(f"{path}/steps/{now.tool_data.step_id}/confirm")
    assert answer.status_code == 200
    assert len(ids) == 2
    assert len(set(ids)) == 1, "the run could not recognize it"
