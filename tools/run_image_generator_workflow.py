"""Start ImageGeneratorWorkflow; save the image and print its path."""

from durable_agents import connect, run

from pathlib import Path
from uuid import uuid4

from tools import TASK_QUEUE
from tools.image_file import check_output, save_image
from tools.workflows.image_generator import ImageGeneratorWorkflow


async def main(
    prompt: str = "Draw green hills on a summer morning", *, output: Path | None = None
) -> None:
    """Generate an image of PROMPT. Save it to the file OUTPUT, or to a temporary file."""
    if output:
        check_output(output)
    client = await connect()
    workflow_id = f"tools-image-generator-{uuid4().hex[:8]}"
    result = await client.execute_workflow(
        ImageGeneratorWorkflow.run,
        prompt,
        id=workflow_id,
        task_queue=TASK_QUEUE,
    )
    print(result.final_output)
    if result.image_data is None:
        print("There is no image to save.")
    else:
        save_image(result.image_data, output, workflow_id)


if __name__ == "__main__":
    run(main)
