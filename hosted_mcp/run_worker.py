"""Run the worker of this topic. It holds the credentials of the MCP servers."""

from durable_agents import connect, run, serve

import os
import sys
from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import Worker

from hosted_mcp import CREDENTIALS, PLUGIN_OPTIONS, TASK_QUEUE
from hosted_mcp.workflows.approval_mcp import ApprovalMCPWorkflow
from hosted_mcp.workflows.simple_mcp import SimpleMCPWorkflow


def build_worker(client: Client) -> Worker:
    """Return the worker. Tests call this with their own client."""
    return Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=[ApprovalMCPWorkflow, SimpleMCPWorkflow],
        graceful_shutdown_timeout=timedelta(seconds=30),
    )


def warn_about_missing_credentials() -> None:
    """Print a warning for each credential that is not set."""
    for host, variable in CREDENTIALS.items():
        if not os.environ.get(variable, "").strip():
            print(
                f"{variable} is not set: calls to {host} will have no credential", file=sys.stderr
            )


async def main() -> None:
    """Run the worker until Ctrl-C."""
    worker = build_worker(await connect(**PLUGIN_OPTIONS))
    warn_about_missing_credentials()
    await serve(worker)


if __name__ == "__main__":
    run(main)
