"""Start CustomSpansWorkflow and print the answer. The worker exports the spans."""

from durable_agents import connect, run

from uuid import uuid4

from tracing import TASK_QUEUE
from tracing.workflows.custom_spans import CustomSpansWorkflow


async def main(question: str = "Which is higher today, the tide in Brest or in Lisbon?") -> None:
    """Answer QUESTION about the tides of the harbors it names."""
    client = await connect()
    answer = await client.execute_workflow(
        CustomSpansWorkflow.run,
        question,
        id=f"tracing-custom-spans-{uuid4().hex[:8]}",
        task_queue=TASK_QUEUE,
    )
    print(answer)


if __name__ == "__main__":
    run(main)
