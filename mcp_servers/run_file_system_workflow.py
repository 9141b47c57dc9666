"""Start FileSystemWorkflow and print the answer."""

from durable_agents import connect, run

from uuid import uuid4

from mcp_servers import TASK_QUEUE
from mcp_servers.connections import PLUGIN_OPTIONS
from mcp_servers.workflows.file_system import FileSystemWorkflow


async def main(question: str = "Who may open the greenhouse on Sundays?") -> None:
    """Ask QUESTION about the files in mcp_servers/sample_files."""
    client = await connect(**PLUGIN_OPTIONS)
    answer = await client.execute_workflow(
        FileSystemWorkflow.run,
        question,
        id=f"mcp-servers-file-system-{uuid4().hex[:8]}",
        task_queue=TASK_QUEUE,
    )
    print(answer)


if __name__ == "__main__":
    run(main)
