"""Start PromptServerWorkflow and print the review."""

from durable_agents import connect, run

from uuid import uuid4

from mcp_servers import TASK_QUEUE
from mcp_servers.connections import PLUGIN_OPTIONS
from mcp_servers.workflows.prompt_server import PromptServerWorkflow

CODE = """\
def mean(values):
    return sum(values) / len(values)
"""


async def main(code: str = CODE) -> None:
    """Review CODE."""
    client = await connect(**PLUGIN_OPTIONS)
    answer = await client.execute_workflow(
        PromptServerWorkflow.run,
        code,
        id=f"mcp-servers-prompt-server-{uuid4().hex[:8]}",
        task_queue=TASK_QUEUE,
    )
    print(answer)


if __name__ == "__main__":
    run(main)
