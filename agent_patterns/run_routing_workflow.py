"""Start RoutingWorkflow; print the answer and the agent that gave it."""

from durable_agents import connect, run

from uuid import uuid4

from agent_patterns import TASK_QUEUE
from agent_patterns.workflows.routing import RoutingWorkflow


async def main(msg: str = "Bonjour, comment allez-vous ?") -> None:
    """Send MSG to the specialist for its language: French, Spanish, or English."""
    client = await connect()
    answer = await client.execute_workflow(
        RoutingWorkflow.run,
        msg,
        id=f"agent-patterns-routing-{uuid4().hex[:8]}",
        task_queue=TASK_QUEUE,
    )
    print(answer)


if __name__ == "__main__":
    run(main)
