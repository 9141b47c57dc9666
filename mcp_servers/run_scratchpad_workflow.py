"""Start ScratchpadWorkflow and print the notes."""

from durable_agents import connect, run

from uuid import uuid4

from mcp_servers import TASK_QUEUE
from mcp_servers.connections import PLUGIN_OPTIONS
from mcp_servers.workflows.scratchpad import ScratchpadWorkflow


async def main(topic: str = "a library of things") -> None:
    """Think about TOPIC, taking notes."""
    client = await connect(**PLUGIN_OPTIONS)
    answer = await client.execute_workflow(
        ScratchpadWorkflow.run,
        topic,
        id=f"mcp-servers-scratchpad-{uuid4().hex[:8]}",
        task_queue=TASK_QUEUE,
    )
    print(answer)


if __name__ == "__main__":
    run(main)
