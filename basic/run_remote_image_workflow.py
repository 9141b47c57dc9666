"""Start RemoteImageWorkflow and print the answer."""

from durable_agents import connect, run

from uuid import uuid4

from basic import TASK_QUEUE
from basic.workflows.remote_image import RemoteImageWorkflow


async def main(
    image_url: str = "https://upload.wikimedia.org/wikipedia/commons/6/63/Wikipedia-logo.png",
    question: str = "What do you see in this picture?",
) -> None:
    """Ask QUESTION about the image at IMAGE_URL."""
    client = await connect()
    answer = await client.execute_workflow(
        RemoteImageWorkflow.run,
        args=[image_url, question],
        id=f"basic-remote-image-{uuid4().hex[:8]}",
        task_queue=TASK_QUEUE,
    )
    print(answer)


if __name__ == "__main__":
    run(main)
