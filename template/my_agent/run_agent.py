"""Ask the agent a question."""

from durable_agents import connect, run

from uuid import uuid4

from my_agent import TASK_QUEUE
from my_agent.workflow import AgentWorkflow


async def main(question: str = "What time is it in Tokyo?") -> None:
    """Print the agent's answer to QUESTION."""
    client = await connect()
    answer = await client.execute_workflow(
        AgentWorkflow.run, question, id=f"my-agent-{uuid4().hex[:8]}", task_queue=TASK_QUEUE
    )
    print(answer)


if __name__ == "__main__":
    run(main)
