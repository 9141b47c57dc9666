"""Start ToolsWorkflow and print the answer."""

from durable_agents import connect, run

from uuid import uuid4

from basic import TASK_QUEUE
from basic.workflows.tools import ToolsWorkflow


async def main(
    question: str = "What is the weather in Tokyo? How warm is 20 °C in Fahrenheit?",
) -> None:
    """Ask QUESTION about the weather in a city."""
    client = await connect()
    answer = await client.execute_workflow(
        ToolsWorkflow.run,
        question,
        id=f"basic-tools-{uuid4().hex[:8]}",
        task_queue=TASK_QUEUE,
    )
    print(answer)


if __name__ == "__main__":
    run(main)
