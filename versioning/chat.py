"""A chat of the rehearsal. It shows each answer, and the builds that the chat ran on."""

from durable_agents import update_reliably

import asyncio

from temporalio.api.enums.v1 import EventType

from versioning.deployment import POLL_INTERVAL, Deployment
from versioning.workflows.deploy import VersionedChatWorkflow

FAILURE_TIMEOUT = 30  # seconds


class Chat:
    """A chat that has been started under a workflow id."""

    def __init__(self, deployment: Deployment, id: str) -> None:
        self._deployment = deployment
        # Without a run id, so that later runs also receive the messages.
        self._handle = deployment.client.get_workflow_handle_for(VersionedChatWorkflow.run, id)

    async def ask(self, text: str) -> None:
        """Send a message, and show its answer.

        Raises:
            WorkflowUpdateFailedError: The message was rejected, or its turn failed.
        """
        before = await self.build()
        answer = await update_reliably(self._handle, VersionedChatWorkflow.ask, text)
        moved = [build for build in dict.fromkeys([before, await self.build()]) if build]
        print(f"   {self._handle.id} on {' -> '.join(moved)}: {answer}", flush=True)

    async def build(self) -> str:
        """Return the build that the chat runs on; an empty string before its first task."""
        return await self._deployment.build_of(self._handle.id)

    async def failure(self) -> str:
        """Return the error of the first workflow task that fails; wait for it up to 30 s.

        Raises:
            TimeoutError: No task failed.
        """
        async with asyncio.timeout(FAILURE_TIMEOUT):
            while True:
                async for event in self._handle.fetch_history_events():
                    if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED:
                        return event.workflow_task_failed_event_attributes.failure.message
                await asyncio.sleep(POLL_INTERVAL)

    async def end(self) -> None:
        """End the chat, and wait until it has closed."""
        await update_reliably(self._handle, VersionedChatWorkflow.end)
        await self._handle.result()

    async def terminate(self) -> None:
        """Close the chat, also if no worker runs its build."""
        await self._handle.terminate()
