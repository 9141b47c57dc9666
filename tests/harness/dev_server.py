"""Runs a Temporal dev server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from temporalio.testing import WorkflowEnvironment

from sample_cli.temporal_server import dev_server_options, temporal_cli
from tests.harness.environment import variables


@asynccontextmanager
async def dev_server(*options: str, push: bool = True) -> AsyncIterator[WorkflowEnvironment]:
    """Run the dev server of `sample run`; `connect()` finds it through the environment.

    Without `push`, it does not push cancellations to workers, like most servers.
    """
    server = await WorkflowEnvironment.start_local(
        dev_server_existing_path=temporal_cli(),
        dev_server_log_level="error",
        dev_server_extra_args=[*dev_server_options(push=push), *options],
    )
    async with server:
        address = server.client.service_client.config.target_host
        with variables(TEMPORAL_ADDRESS=address):
            yield server
