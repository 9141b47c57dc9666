"""Start AgentLifecycleWorkflow; print the first agent's events and the number."""

from durable_agents import connect, run

from uuid import uuid4

from basic import TASK_QUEUE
from basic.workflows.agent_lifecycle import AgentLifecycleWorkflow


async def main(max_number: int = 250) -> None:
    """Draw a random number from 0 to MAX_NUMBER, and double it if it is odd."""
    client = await connect()
    handle = await client.start_workflow(
        AgentLifecycleWorkflow.run,
        max_number,
        id=f"basic-agent-lifecycle-{uuid4().hex[:8]}",
        task_queue=TASK_QUEUE,
    )
    result = await handle.result()
    for event in await handle.query(AgentLifecycleWorkflow.get_events):
        print(event)
    print(f"Result: {result.number}")


if __name__ == "__main__":
    run(main)
