"""A build is current once its queue routes to it, whatever the deployment reports."""

from durable_agents.errors import SettingsError

from unittest.mock import AsyncMock

import pytest
from temporalio.api.deployment.v1 import WorkerDeploymentInfo
from temporalio.api.enums.v1 import RoutingConfigUpdateState

from tests.harness.workers import promptly
from tests.versioning.builds import rollout, say, start, worker
from versioning.deployment import Deployment

IN_PROGRESS = RoutingConfigUpdateState.ROUTING_CONFIG_UPDATE_STATE_IN_PROGRESS


async def test_queue_that_routes_to_a_build_suffices(monkeypatch: pytest.MonkeyPatch) -> None:
    async with rollout() as deployment:
        stuck = AsyncMock(
            return_value=WorkerDeploymentInfo(routing_config_update_state=IN_PROGRESS)
        )
        monkeypatch.setattr(Deployment, "_describe", stuck)
        await promptly(deployment.set_current("v2"), "the routing")
        assert await say(await start(deployment), "Hello") == "Re: Hello with stock"


async def test_queue_that_does_not_route_to_a_build_is_reported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("versioning.deployment.ROUTING_TIMEOUT", 0.2)
    async with worker("v1") as deployment, worker("v2"):
        await deployment.set_current("v1")
        select = AsyncMock()  # as if another build were made current at the same time
        service = deployment.client.workflow_service
        monkeypatch.setattr(service, "set_worker_deployment_current_version", select)
        with pytest.raises(SettingsError, match=r"does not route to build 'v2' after 0\.2 s"):
            await deployment.set_current("v2")
        assert select.await_count == 1
