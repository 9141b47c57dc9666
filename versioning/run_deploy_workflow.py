"""Rehearses a deployment: chats open on v1, move to v2 between messages, and v1 is stopped."""

from durable_agents import connect, run

from datetime import timedelta
from typing import Annotated
from uuid import uuid4

from temporalio.common import VersioningOverride
from typer import Option

from versioning import TASK_QUEUE
from versioning.deployment import Deployment
from versioning.rehearsal import Rehearsal
from versioning.worker_processes import WorkerProcesses
from versioning.workflows.deploy import VersionedChatWorkflow


async def main(*, pinned: Annotated[bool, Option("--pinned", help="Steps 1-3.")] = False) -> None:
    """Rehearse a deployment. Runs workers of v1 and v2-patched; v2 is the worker of this topic."""
    client = await connect()
    deployment = Deployment(client)

    async def start_chat(override: VersioningOverride | None) -> str:
        handle = await client.start_workflow(
            VersionedChatWorkflow.run,
            None,  # no state: a new chat
            id=f"chat-{uuid4().hex[:8]}",
            task_queue=TASK_QUEUE,
            task_timeout=timedelta(seconds=2),  # after which a stuck task is retried
            versioning_override=override,
        )
        return handle.id

    async with WorkerProcesses(deployment) as workers:
        await Rehearsal(deployment, workers, start_chat).play(all_steps=not pinned)


if __name__ == "__main__":
    run(main)
