"""Save a generated image on the starter's machine."""

import base64
import tempfile
from pathlib import Path

import typer


def check_output(output: Path) -> None:
    """Check the path of the image, before the image is generated and paid for.

    Raises:
        BadParameter: `output` is a folder, or its folder does not exist.
    """
    if output.is_dir():
        raise typer.BadParameter(f"--output: {output} is a folder; name a file")
    if not output.absolute().parent.is_dir():
        raise typer.BadParameter(f"--output: folder {output.parent} does not exist")


def save_image(image_data: str, output: Path | None, name: str) -> None:
    """Save an image and print its path.

    Args:
        image_data: The image, encoded as base64.
        output: The file to write. By default a file in the temporary folder.
        name: The name of the default file, without a suffix.
    """
    image = base64.b64decode(image_data)
    suffix = ".png" if image.startswith(b"\x89PNG") else ".webp"
    path = output or Path(tempfile.gettempdir(), f"{name}{suffix}")
    path.write_bytes(image)
    print(f"Saved {path} ({len(image):,} bytes)")
