"""Run a worker of one build. `TEMPORAL_WORKER_BUILD_ID` says which: v1, v2, or v2-patched."""

from durable_agents import connect, run, serve
from durable_agents.errors import SettingsError

import os
from datetime import timedelta

from temporalio.client import Client
from temporalio.common import WorkerDeploymentVersion
from temporalio.worker import Worker, WorkerDeploymentConfig

from versioning import TASK_QUEUE
from versioning.activities.stock import list_stock
from versioning.builds import v1, v2_patched
from versioning.deployment import deployment_name
from versioning.workflows import deploy

BUILDS: dict[str, type] = {  # in production: one revision, whose hash is the build id
    "v1": v1.VersionedChatWorkflow,
    "v2": deploy.VersionedChatWorkflow,
    "v2-patched": v2_patched.VersionedChatWorkflow,
}


def build_worker(client: Client) -> Worker:
    """Return the worker. Tests call this with their own client."""
    build = os.environ.get("TEMPORAL_WORKER_BUILD_ID") or "v2"
    if build not in BUILDS:
        problem = f"TEMPORAL_WORKER_BUILD_ID is {build!r}; the builds are {', '.join(BUILDS)}."
        raise SettingsError(problem)
    return Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=[BUILDS[build]],
        activities=[list_stock],
        deployment_config=WorkerDeploymentConfig(
            version=WorkerDeploymentVersion(deployment_name(), build), use_worker_versioning=True
        ),
        graceful_shutdown_timeout=timedelta(seconds=30),
    )


async def main() -> None:
    """Run the worker until Ctrl-C."""
    await serve(build_worker(await connect()))


if __name__ == "__main__":
    run(main)
