"""Start OtelExportWorkflow and print the answer. The worker exports the spans."""

from durable_agents import connect, run

from uuid import uuid4

from tracing import TASK_QUEUE
from tracing.workflows.otel_export import OtelExportWorkflow


async def main(question: str = "When is high water in Hamburg today?") -> None:
    """Answer QUESTION about tides."""
    client = await connect()
    answer = await client.execute_workflow(
        OtelExportWorkflow.run,
        question,
        id=f"tracing-otel-export-{uuid4().hex[:8]}",
        task_queue=TASK_QUEUE,
    )
    print(answer)


if __name__ == "__main__":
    run(main)
