"""Start LifecycleWorkflow; print the events of the run and the number."""

from durable_agents import connect, run

from uuid import uuid4

from basic import TASK_QUEUE
from basic.workflows.lifecycle import LifecycleWorkflow


async def main(max_number: int = 250) -> None:
    """Draw a random number from 0 to MAX_NUMBER, and double it if it is odd."""
    client = await connect()
    handle = await client.start_workflow(
        LifecycleWorkflow.run,
        max_number,
        id=f"basic-lifecycle-{uuid4().hex[:8]}",
        task_queue=TASK_QUEUE,
    )
    result = await handle.result()
    for event in await handle.query(LifecycleWorkflow.get_events):
        print(event)
    print(f"Result: {result.number}")


if __name__ == "__main__":
    run(main)
