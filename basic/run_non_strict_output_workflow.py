"""Start NonStrictOutputWorkflow; print why strict mode rejects the type, and the answer."""

from durable_agents import connect, run

from uuid import uuid4

from basic import TASK_QUEUE
from basic.workflows.non_strict_output import NonStrictOutputWorkflow


async def main(
    input_text: str = "Pancakes: 2 eggs, 200 g flour, 300 ml milk and a pinch of salt.",
) -> None:
    """Extract the ingredients from INPUT_TEXT."""
    client = await connect()
    answer = await client.execute_workflow(
        NonStrictOutputWorkflow.run,
        input_text,
        id=f"basic-non-strict-output-{uuid4().hex[:8]}",
        task_queue=TASK_QUEUE,
    )
    print(f"Strict mode rejects the type: {answer['strict_refusal']}")
    print(f"Non-strict answer: {answer['ingredients']}")


if __name__ == "__main__":
    run(main)
