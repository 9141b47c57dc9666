"""Reads a picture from disk; uploads it when it is too large for the history."""

from durable_agents import InvalidInput

import asyncio
import base64
import os
from pathlib import Path

from openai import AsyncOpenAI
from temporalio import activity

from basic.models import ImageInput

MEDIA_FOLDER = Path(__file__).parent.parent / "media"
INLINE_LIMIT = 384_000
SIZE_LIMIT = 8_000_000
MAX_PATH = 1_000  # characters
MAX_NAMES = 20  # that an error message lists

# Names lie; the first bytes do not.
SIGNATURES = {
    "image/png": (b"\x89PNG\r\n\x1a\n", b""),
    "image/jpeg": (b"\xff\xd8\xff", b""),
    "image/gif": (b"GIF8", b""),
    "image/webp": (b"RIFF", b"WEBP"),
}


@activity.defn
async def load_image(image_path: str) -> ImageInput:
    """Return the picture at `image_path`, a path inside the media folder.

    Up to 384 kB it comes back as a data URL. That is recorded in history twice: as this
    activity's result and in the model call. A larger one is uploaded, and only its id is
    recorded. An upload that is retried may leave a second copy; both expire after a day.

    Raises:
        InvalidInput: No picture there, outside the media folder, or over 8 MB.
    """
    data, media_type = await asyncio.to_thread(_read, image_path)
    if len(data) <= INLINE_LIMIT:
        return ImageInput(image_url=f"data:{media_type};base64,{base64.b64encode(data).decode()}")
    async with AsyncOpenAI(max_retries=0) as client:  # Temporal retries
        file = await client.files.create(
            file=(Path(image_path).name, data, media_type),
            purpose="vision",
            expires_after={"anchor": "created_at", "seconds": 24 * 3600},
        )
    return ImageInput(file_id=file.id)


def _read(image_path: str) -> tuple[bytes, str]:
    """Return the picture and its media type."""
    path = _find(image_path)
    size = path.stat().st_size
    if size > SIZE_LIMIT:
        raise InvalidInput(f"image_path {image_path!r} is {size / 1e6:.1f} MB: at most 8 MB")
    data = path.read_bytes()
    media_type = _media_type(data)
    if media_type is None:
        raise InvalidInput(f"image_path {image_path!r} is not a PNG, JPEG, GIF or WebP picture")
    return data, media_type


def _find(image_path: str) -> Path:
    """Return the path of a file in the media folder."""
    if len(image_path) > MAX_PATH:
        raise InvalidInput(
            f"image_path is {len(image_path):,} characters; the limit is {MAX_PATH:,}"
        )
    folder = Path(os.environ.get("MEDIA_FOLDER", MEDIA_FOLDER)).resolve()
    try:
        path = (folder / image_path).resolve()
        is_file = path.is_file()
    except (OSError, RuntimeError, ValueError):  # NUL, too long, not UTF-8, a loop of links
        raise InvalidInput(f"image_path {image_path!r} is not a file name") from None
    if not path.is_relative_to(folder):
        raise InvalidInput(f"image_path {image_path!r} is outside the media folder")
    if not is_file:
        names = sorted(file.name for file in folder.iterdir() if file.is_file())
        more = [f"and {len(names) - MAX_NAMES:,} more"] if len(names) > MAX_NAMES else []
        known = ", ".join(names[:MAX_NAMES] + more)
        raise InvalidInput(f"image_path {image_path!r} does not exist; there are: {known}")
    return path


def _media_type(data: bytes) -> str | None:
    for media_type, (start, at_eight) in SIGNATURES.items():
        if data.startswith(start) and data.startswith(at_eight, 8):
            return media_type
    return None
