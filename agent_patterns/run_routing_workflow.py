"""Starts RoutingWorkflow and prints who answered, and what."""

from durable_agents import connect, run

from uuid import uuid4

from agent_patterns import TASK_QUEUE
from agent_patterns.workflows.routing import RoutingWorkflow


async def main(msg: str = "Bonjour, comment allez-vous ?") -> None:
    """Ask MSG in French, Spanish or English; try another language, too."""
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
