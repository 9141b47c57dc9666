"""The worker of this topic: it calls the MCP servers, and runs those on HTTP for the samples."""

from durable_agents import connect, run, serve

from datetime import timedelta

from temporalio.client import Client
from temporalio.plugin import SimplePlugin
from temporalio.worker import Worker

from mcp_servers import PLUGIN_OPTIONS, TASK_QUEUE
from mcp_servers.connections import local_servers
from mcp_servers.workflows.file_system import FileSystemWorkflow
from mcp_servers.workflows.prompt_server import PromptServerWorkflow
from mcp_servers.workflows.scratchpad import ScratchpadWorkflow
from mcp_servers.workflows.sse import SseWorkflow
from mcp_servers.workflows.streamable_http import StreamableHttpWorkflow


class LocalServersPlugin(SimplePlugin):
    """Runs servers before the worker begins; the SDK wants each plugin to be of its own type."""


def build_worker(client: Client) -> Worker:
    """Return the worker; tests build the same one on a client of their own."""
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
        plugins=[LocalServersPlugin("local-servers", run_context=local_servers)],
        graceful_shutdown_timeout=timedelta(seconds=10),
        # A session that is told to end learns it with its next heartbeat.
        max_heartbeat_throttle_interval=timedelta(seconds=1),
    )


async def main() -> None:
    """Run the worker until Ctrl-C. `MCP_..._URL` names a server that is run elsewhere."""
    await serve(build_worker(await connect(**PLUGIN_OPTIONS)))


if __name__ == "__main__":
    run(main)
