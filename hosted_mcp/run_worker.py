"""The worker of this topic: it holds the credentials of the MCP servers."""

from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import Worker

from durable_agents import connect, run, serve
from hosted_mcp import PLUGIN_OPTIONS, TASK_QUEUE
from hosted_mcp.workflows.approval_mcp import ApprovalMCPWorkflow
from hosted_mcp.workflows.simple_mcp import SimpleMCPWorkflow


def build_worker(client: Client) -> Worker:
    """Return the worker; tests build the same one on a client of their own."""
    return Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=[ApprovalMCPWorkflow, SimpleMCPWorkflow],
        graceful_shutdown_timeout=timedelta(seconds=30),
    )


async def main() -> None:
    """Run the worker until Ctrl-C."""
    await serve(build_worker(await connect(**PLUGIN_OPTIONS)))


if __name__ == "__main__":
    run(main)
