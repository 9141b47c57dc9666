"""What can honestly be said of an image without looking at it: type, size, width and height."""

import base64
import binascii
from dataclasses import dataclass
from struct import error as TooShort
from struct import unpack_from
from typing import Self
from urllib.parse import urlsplit

from offline_model.api_errors import ApiError

_NOT_FRAMES = (0xC4, 0xC8, 0xCC)


@dataclass(frozen=True)
class Image:
    """One image that the user shows.

    Attributes:
        description: A noun phrase, such as "a PNG image of 68 bytes, 1 x 1 pixels (image/png)".
        media_type: Read from the bytes. None for a remote image, which is not fetched.
        size: Number of bytes.
        width: In pixels.
        height: In pixels.
    """

    description: str
    media_type: str | None = None
    size: int | None = None
    width: int | None = None
    height: int | None = None

    @classmethod
    def at(cls, url: str) -> Self:
        """Describe the image at a URL: by its bytes if it is a data URL, else by its file name."""
        if url.startswith("data:"):
            return cls.of(_decode(url))
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise _invalid(f"{url[:80]!r} is not an image URL.")
        name = parts.path.rsplit("/", 1)[-1] or "without a file name"
        return cls(f"a remote image, {name}, at {parts.hostname}, which was not fetched")

    @classmethod
    def of(cls, data: bytes) -> Self:
        """Describe an image by its bytes."""
        try:
            kind, (width, height) = _kind_and_pixels(data)
        except (TooShort, ValueError) as error:
            raise _invalid("Not a readable image; PNG, JPEG, GIF and WebP are.") from error
        return cls(
            f"a {kind} image of {len(data):,} bytes, {width} x {height} pixels",
            media_type=f"image/{kind.lower()}",
            size=len(data),
            width=width,
            height=height,
        )


def _kind_and_pixels(data: bytes) -> tuple[str, tuple[int, int]]:
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG", unpack_from(">II", data, 16)
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "GIF", unpack_from("<HH", data, 6)
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG", _jpeg_pixels(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WebP", _webp_pixels(data)
    raise ValueError("unknown image format")


def _jpeg_pixels(data: bytes) -> tuple[int, int]:
    """Read the frame header, which follows other segments."""
    at = 2
    while True:
        marker, length = unpack_from(">xBH", data, at)
        if 0xC0 <= marker <= 0xCF and marker not in _NOT_FRAMES:
            height, width = unpack_from(">HH", data, at + 5)
            return width, height
        at += 2 + length


def _webp_pixels(data: bytes) -> tuple[int, int]:
    """Read the size from whichever of the three forms this is: lossy, lossless, extended."""
    chunk = data[12:16]
    if chunk == b"VP8 ":
        width, height = unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    if chunk == b"VP8L":
        (bits,) = unpack_from("<I", data, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if chunk != b"VP8X" or len(data) < 30:
        raise ValueError("unknown form of WebP")
    return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1


def _decode(url: str) -> bytes:
    head, _, data = url.partition(",")
    if not head.endswith(";base64"):
        raise _invalid("An image's data URL must be base64.")
    try:
        return base64.b64decode(data, validate=True)
    except binascii.Error as error:
        raise _invalid("An image's data URL is not valid base64.") from error


def _invalid(message: str) -> ApiError:
    return ApiError(400, message, param="input", code="invalid_image")
