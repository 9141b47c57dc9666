"""Run the worker of this topic: workflows, model calls, and calls to MCP servers."""

from durable_agents import connect, run, serve

from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import Worker

from mcp_servers import TASK_QUEUE
from mcp_servers.connections import PLUGIN_OPTIONS
from mcp_servers.workflows.file_system import FileSystemWorkflow
from mcp_servers.workflows.prompt_server import PromptServerWorkflow
from mcp_servers.workflows.scratchpad import ScratchpadWorkflow
from mcp_servers.workflows.sse import SseWorkflow
from mcp_servers.workflows.streamable_http import StreamableHttpWorkflow


def build_worker(client: Client) -> Worker:
    """Return the worker. Tests call this with their own client."""
    return Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=[
            FileSystemWorkflow,
            PromptServerWorkflow,
            ScratchpadWorkflow,
            SseWorkflow,
            StreamableHttpWorkflow,
        ],
        graceful_shutdown_timeout=timedelta(seconds=10),
    )


async def main() -> None:
    """Run the worker until Ctrl-C. It runs the MCP servers for which no `MCP_..._URL` is set."""
    await serve(build_worker(await connect(**PLUGIN_OPTIONS)))


if __name__ == "__main__":
    run(main)
