"""The versions of a worker deployment, and the chats on each, as the server reports them."""

from durable_agents.errors import SettingsError

import asyncio
import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from temporalio.api.deployment.v1 import WorkerDeploymentInfo
from temporalio.api.enums.v1 import TaskQueueType, WorkerDeploymentVersionStatus
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import (
    DescribeTaskQueueRequest,
    DescribeTaskQueueResponse,
    DescribeWorkerDeploymentRequest,
    SetWorkerDeploymentCurrentVersionRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from versioning import TASK_QUEUE

WORKFLOWS = TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW
ACTIVITIES = TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY

POLL_INTERVAL = 0.2  # seconds
ROUTING_TIMEOUT = 30.0  # seconds; a server usually takes less than one
WORKER_TIMEOUT = 60.0  # seconds
POLLED_WITHIN = timedelta(seconds=70)  # a poll of an idle worker takes 60 s


def deployment_name() -> str:
    """Return `TEMPORAL_DEPLOYMENT_NAME`, which the Temporal worker controller sets."""
    return os.environ.get("TEMPORAL_DEPLOYMENT_NAME") or "versioned-chat"


async def poll_until(
    condition: Callable[[], Awaitable[bool]], limit: float, interval: float = POLL_INTERVAL
) -> None:
    """Wait until a condition on the server is true, which sends no notification of it.

    Raises:
        TimeoutError: It is not true within `limit`, in seconds.
    """
    async with asyncio.timeout(limit):
        while True:
            if await condition():
                return
            await asyncio.sleep(interval)


class Deployment:
    """The deployment that the environment names. A version is known by its build id."""

    def __init__(self, client: Client) -> None:
        self.client, self.name = client, deployment_name()

    async def set_current(self, build: str) -> None:
        """Route new chats to a build, and let open ones notice it; return once their queue does.

        Raises:
            SettingsError: No worker of the build polls, so its chats would wait for one; or the
                queue does not route to it within 30 s.
        """
        if not await self.workers(build):
            known = ", ".join(await self.versions()) or "none"
            raise SettingsError(
                f"No worker of build {build!r} polls {TASK_QUEUE}. Start one with "
                f"TEMPORAL_WORKER_BUILD_ID={build}. Builds of {self.name}: {known}."
            )
        await self.client.workflow_service.set_worker_deployment_current_version(
            SetWorkerDeploymentCurrentVersionRequest(
                namespace=self.client.namespace, deployment_name=self.name, build_id=build
            )
        )
        try:
            await poll_until(lambda: self._is_routed_to(build), ROUTING_TIMEOUT)
        except TimeoutError:
            raise SettingsError(
                f"{TASK_QUEUE} does not route to build {build!r} after {ROUTING_TIMEOUT:g} s: the "
                "server is slow, or another build was made current meanwhile. Repeat the command."
            ) from None

    async def workers(self, build: str) -> set[str]:
        """Return the identities of the workers of a build that have polled in the last 70 s.

        The server lists workers for minutes after they have stopped.
        """
        answer = await self._describe_queue(WORKFLOWS)
        since = datetime.now(UTC) - POLLED_WITHIN
        return {
            poller.identity
            for poller in answer.pollers
            if poller.deployment_options.deployment_name == self.name
            and poller.deployment_options.build_id == build
            and poller.last_access_time.ToDatetime(UTC) > since
        }

    async def wait_for_worker(self, build: str) -> None:
        """Wait until a worker of a build polls, and the server has registered the build.

        Raises:
            SettingsError: No worker polls within 60 s.
        """

        async def is_registered() -> bool:
            return bool(await self.workers(build)) and build in await self.versions()

        try:
            await poll_until(is_registered, WORKER_TIMEOUT)
        except TimeoutError:
            raise SettingsError(
                f"No worker of build {build!r} polls {TASK_QUEUE} after {WORKER_TIMEOUT:g} s. "
                f"Start one with TEMPORAL_WORKER_BUILD_ID={build}."
            ) from None

    async def versions(self) -> dict[str, str]:
        """Return the status of each build: current, draining, drained, inactive."""
        return {
            version.deployment_version.build_id: WorkerDeploymentVersionStatus.Name(version.status)
            .removeprefix("WORKER_DEPLOYMENT_VERSION_STATUS_")
            .lower()
            for version in (await self._describe()).version_summaries
        }

    async def open_chats(self, build: str) -> list[str]:
        """Return the workflow ids of the chats that run on a build."""
        on_build = f"TemporalWorkerDeploymentVersion = '{self.name}:{build}'"
        query = f"{on_build} AND ExecutionStatus = 'Running'"
        return [chat.id async for chat in self.client.list_workflows(query)]

    async def build_of(self, workflow_id: str) -> str:
        """Return the build that a chat runs on; an empty string before its first task."""
        description = await self.client.get_workflow_handle(workflow_id).describe()
        info = description.raw_description.workflow_execution_info
        return info.versioning_info.deployment_version.build_id

    async def _is_routed_to(self, build: str) -> bool:
        """Return whether new tasks go to a build, as the queue itself reports.

        The deployment's `routing_config_update_state` can remain in progress after all tasks do
        (seen with server 1.32).
        """
        for kind in (WORKFLOWS, ACTIVITIES):
            routing = (await self._describe_queue(kind)).versioning_info
            current = routing.current_deployment_version
            if (current.deployment_name, current.build_id) != (self.name, build):
                return False
        return True

    async def _describe_queue(self, kind: TaskQueueType.ValueType) -> DescribeTaskQueueResponse:
        return await self.client.workflow_service.describe_task_queue(
            DescribeTaskQueueRequest(
                namespace=self.client.namespace,
                task_queue=TaskQueue(name=TASK_QUEUE),
                task_queue_type=kind,
            )
        )

    async def _describe(self) -> WorkerDeploymentInfo:
        request = DescribeWorkerDeploymentRequest(
            namespace=self.client.namespace, deployment_name=self.name
        )
        try:
            answer = await self.client.workflow_service.describe_worker_deployment(request)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:  # no worker has ever polled
                return WorkerDeploymentInfo()
            raise
        return answer.worker_deployment_info
