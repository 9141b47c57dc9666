"""Start AgentsAsToolsWorkflow and print the translations."""

from durable_agents import connect, run

from uuid import uuid4

from agent_patterns import TASK_QUEUE
from agent_patterns.workflows.agents_as_tools import AgentsAsToolsWorkflow


async def main(msg: str = "Translate 'Good morning!' to Spanish and French.") -> None:
    """Translate MSG into the languages it names."""
    client = await connect()
    translations = await client.execute_workflow(
        AgentsAsToolsWorkflow.run,
        msg,
        id=f"agent-patterns-agents-as-tools-{uuid4().hex[:8]}",
        task_queue=TASK_QUEUE,
    )
    print(translations)


if __name__ == "__main__":
    run(main)
