"""Start ParallelizationWorkflow and print the best translation."""

from durable_agents import connect, run

from uuid import uuid4

from agent_patterns import TASK_QUEUE
from agent_patterns.workflows.parallelization import ParallelizationWorkflow


async def main(msg: str = "Good morning! How are you?") -> None:
    """Translate MSG to Spanish in three styles, and pick the best translation."""
    client = await connect()
    translation = await client.execute_workflow(
        ParallelizationWorkflow.run,
        msg,
        id=f"agent-patterns-parallelization-{uuid4().hex[:8]}",
        task_queue=TASK_QUEUE,
    )
    print(translation)


if __name__ == "__main__":
    run(main)
