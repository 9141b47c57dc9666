"""Start StreamableHttpWorkflow and print the answer."""

from durable_agents import connect, run

from uuid import uuid4

from mcp_servers import TASK_QUEUE
from mcp_servers.connections import PLUGIN_OPTIONS
from mcp_servers.workflows.streamable_http import StreamableHttpWorkflow


async def main(
    question: str = "How many miles is a marathon of 42.195 km, and what is 98.6 F in C?",
) -> None:
    """Ask QUESTION about quantities in m, km, mi, ft, g, kg, lb, oz, C, or F."""
    client = await connect(**PLUGIN_OPTIONS)
    answer = await client.execute_workflow(
        StreamableHttpWorkflow.run,
        question,
        id=f"mcp-servers-streamable-http-{uuid4().hex[:8]}",
        task_queue=TASK_QUEUE,
    )
    print(answer)


if __name__ == "__main__":
    run(main)
