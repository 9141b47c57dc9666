"""Start HelloWorldAgent and print the haiku."""

from durable_agents import connect, run

from uuid import uuid4

from basic import TASK_QUEUE
from basic.workflows.hello_world import HelloWorldAgent


async def main(prompt: str = "Tell me about recursion in programming.") -> None:
    """Write a haiku about PROMPT."""
    client = await connect()
    haiku = await client.execute_workflow(
        HelloWorldAgent.run,
        prompt,
        id=f"basic-hello-world-{uuid4().hex[:8]}",
        task_queue=TASK_QUEUE,
    )
    print(haiku)


if __name__ == "__main__":
    run(main)
