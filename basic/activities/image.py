"""Read an image from disk, and upload it if it is too large for the history."""

from durable_agents import InvalidInput

import asyncio
import base64
import os
from pathlib import Path

from openai import AsyncOpenAI
from temporalio import activity

from basic.models import ImageInput

MEDIA_FOLDER = Path(__file__).parent.parent / "media"
MAX_INLINE_BYTES = 384_000
MAX_IMAGE_BYTES = 8_000_000
MAX_PATH_LENGTH = 1_000  # characters
MAX_LISTED_NAMES = 20  # in an error message

# The media type is detected from the content: file extensions can be wrong.
SIGNATURES = {
    "image/png": (b"\x89PNG\r\n\x1a\n", b""),
    "image/jpeg": (b"\xff\xd8\xff", b""),
    "image/gif": (b"GIF8", b""),
    "image/webp": (b"RIFF", b"WEBP"),
}


@activity.defn
async def load_image(image_path: str) -> ImageInput:
    """Return the image at `image_path`, a path relative to the media folder.

    An image of up to 384 kB is returned as a data URL, which the history records twice: as this
    activity's result and in the model call. A larger image is uploaded, and the history records
    only its file id. A retried upload may leave a second copy; uploads expire after a day.

    Raises:
        InvalidInput: The path is invalid or outside the media folder, or the file does not exist,
            is not an image, or exceeds 8 MB.
    """
    data, media_type = await asyncio.to_thread(_read, image_path)
    if len(data) <= MAX_INLINE_BYTES:
        return ImageInput(image_url=f"data:{media_type};base64,{base64.b64encode(data).decode()}")
    async with AsyncOpenAI(max_retries=0) as client:  # Temporal retries
        file = await client.files.create(
            file=(Path(image_path).name, data, media_type),
            purpose="vision",
            expires_after={"anchor": "created_at", "seconds": 24 * 3600},
        )
    return ImageInput(file_id=file.id)


def _read(image_path: str) -> tuple[bytes, str]:
    path = _resolve(image_path)
    size = path.stat().st_size
    if size > MAX_IMAGE_BYTES:
        raise InvalidInput(
            f"image_path {image_path!r} is {size:,} bytes; the limit is {MAX_IMAGE_BYTES:,}"
        )
    data = path.read_bytes()
    media_type = _media_type(data)
    if media_type is None:
        raise InvalidInput(f"image_path {image_path!r} is not a PNG, JPEG, GIF, or WebP image")
    return data, media_type


def _resolve(image_path: str) -> Path:
    if len(image_path) > MAX_PATH_LENGTH:
        raise InvalidInput(
            f"image_path is {len(image_path):,} characters; the limit is {MAX_PATH_LENGTH:,}"
        )
    folder = Path(os.environ.get("MEDIA_FOLDER", MEDIA_FOLDER)).resolve()
    try:
        path = (folder / image_path).resolve()
        is_file = path.is_file()
    except (OSError, RuntimeError, ValueError):  # NUL, too long, not UTF-8, symlink loop
        raise InvalidInput(f"image_path {image_path!r} is not a valid file name") from None
    if not path.is_relative_to(folder):
        raise InvalidInput(f"image_path {image_path!r} is outside the media folder")
    if not is_file:
        raise InvalidInput(
            f"image_path {image_path!r} does not exist; available: {_list_files(folder)}"
        )
    return path


def _list_files(folder: Path) -> str:
    names = sorted(file.name for file in folder.iterdir() if file.is_file())
    more = [f"and {len(names) - MAX_LISTED_NAMES:,} more"] if len(names) > MAX_LISTED_NAMES else []
    return ", ".join(names[:MAX_LISTED_NAMES] + more)


def _media_type(data: bytes) -> str | None:
    for media_type, (start, at_eight) in SIGNATURES.items():
        if data.startswith(start) and data.startswith(at_eight, 8):
            return media_type
    return None
