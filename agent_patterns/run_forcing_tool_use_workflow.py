"""Start ForcingToolUseWorkflow and print the answer."""

from durable_agents import connect, run

from uuid import uuid4

from agent_patterns import TASK_QUEUE
from agent_patterns.workflows.forcing_tool_use import ForcingToolUseWorkflow


async def main(tool_use_behavior: str = "default") -> None:
    """Ask for a price. TOOL_USE_BEHAVIOR is default, first_tool, or custom."""
    client = await connect()
    answer = await client.execute_workflow(
        ForcingToolUseWorkflow.run,
        tool_use_behavior,
        id=f"agent-patterns-forcing-tool-use-{uuid4().hex[:8]}",
        task_queue=TASK_QUEUE,
    )
    print(answer)


if __name__ == "__main__":
    run(main)
