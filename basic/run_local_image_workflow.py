"""Start LocalImageWorkflow; print the answer and the size of the history."""

from durable_agents import connect, run

from uuid import uuid4

from temporalio.client import Client

from basic import TASK_QUEUE
from basic.workflows.local_image import LocalImageWorkflow

SMALL_AND_LARGE = ["harbour-small.png", "harbour-large.png"]


async def ask(client: Client, image_path: str, question: str) -> None:
    """Run the workflow once."""
    handle = await client.start_workflow(
        LocalImageWorkflow.run,
        args=[image_path, question],
        id=f"basic-local-image-{uuid4().hex[:8]}",
        task_queue=TASK_QUEUE,
    )
    answer = await handle.result()
    history = (await handle.describe()).raw_description.workflow_execution_info
    print(f"{image_path}: {answer}")
    print(f"  history: {history.history_size_bytes:,} bytes")


async def main(
    image_path: str | None = None, question: str = "What do you see in this picture?"
) -> None:
    """Ask QUESTION about the image at IMAGE_PATH, or about a small and a large sample image."""
    client = await connect()
    for path in [image_path] if image_path else SMALL_AND_LARGE:
        await ask(client, path, question)


if __name__ == "__main__":
    run(main)
