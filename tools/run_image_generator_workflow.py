"""Starts ImageGeneratorWorkflow; saves the picture and prints where."""

from durable_agents import connect, run

import base64
import tempfile
from pathlib import Path
from uuid import uuid4

import typer

from tools import PLUGIN_OPTIONS, TASK_QUEUE
from tools.workflows.image_generator import ImageGeneratorWorkflow


def check_folder(output: Path) -> None:
    """Find a bad path before a picture is paid for."""
    if not output.absolute().parent.is_dir():
        raise typer.BadParameter(f"--output: there is no folder {output.parent}")


async def main(
    prompt: str = "Draw green hills on a summer morning", *, output: Path | None = None
) -> None:
    """Make a picture of PROMPT; save it to the file OUTPUT, or to a temporary one."""
    if output:
        check_folder(output)
    client = await connect(**PLUGIN_OPTIONS)
    name = f"tools-image-generator-{uuid4().hex[:8]}"
    result = await client.execute_workflow(
        ImageGeneratorWorkflow.run, prompt, id=name, task_queue=TASK_QUEUE
    )
    print(result.final_output)
    if result.image_data is None:
        print("No picture came back.")
        return
    picture = base64.b64decode(result.image_data)
    suffix = ".png" if picture.startswith(b"\x89PNG") else ".webp"
    path = output or Path(tempfile.gettempdir(), f"{name}{suffix}")
    path.write_bytes(picture)
    print(f"Saved {path} ({len(picture):,} bytes)")


if __name__ == "__main__":
    run(main)
