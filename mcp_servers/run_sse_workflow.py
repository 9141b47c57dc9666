"""Start SseWorkflow and print the answer."""

from durable_agents import connect, run

from uuid import uuid4

from mcp_servers import TASK_QUEUE
from mcp_servers.connections import PLUGIN_OPTIONS
from mcp_servers.workflows.sse import SseWorkflow


async def main(question: str = "Which train takes me from Lyon to Geneva after 14:00?") -> None:
    """Ask QUESTION about trains from Lyon or Geneva."""
    client = await connect(**PLUGIN_OPTIONS)
    answer = await client.execute_workflow(
        SseWorkflow.run,
        question,
        id=f"mcp-servers-sse-{uuid4().hex[:8]}",
        task_queue=TASK_QUEUE,
    )
    print(answer)


if __name__ == "__main__":
    run(main)
