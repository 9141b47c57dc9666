"""Images: describes those in requests, and draws those that are requested."""

import base64
import binascii
import random
from functools import lru_cache
from io import BytesIO
from urllib.parse import urlsplit

import PIL.Image
import PIL.ImageDraw

from offline_model.api_errors import ApiError

_NAMES = {"PNG": "PNG", "JPEG": "JPEG", "GIF": "GIF", "WEBP": "WebP"}
_UNREADABLE = (
    OSError,
    SyntaxError,
    ValueError,
    PIL.Image.DecompressionBombError,
    PIL.Image.DecompressionBombWarning,
)
_WIDTH, _HEIGHT = 320, 240


def describe_url(url: str) -> str:
    """Describe the image at a data URL by its bytes, at any other URL by its file name.

    Raises:
        ApiError: It is not the URL of an image (400).
    """
    if url.startswith("data:"):
        return describe(_decode(url))
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise _invalid(f"{url[:80]!r} is not an image URL.")
    name = parts.path.rsplit("/", 1)[-1] or "without a file name"
    return f"a remote image, {name}, at {parts.hostname}, which was not fetched"


def describe(data: bytes) -> str:
    """Describe an image by its bytes: "a PNG image of 68 bytes, 1 x 1 pixels".

    Raises:
        ApiError: It is not a PNG, JPEG, GIF or WebP image (400).
    """
    try:
        with PIL.Image.open(BytesIO(data), formats=list(_NAMES)) as image:
            name, (width, height) = _NAMES[image.format or ""], image.size
    except _UNREADABLE as error:
        raise _invalid("Not a PNG, JPEG, GIF or WebP image.") from error
    return f"a {name} image of {len(data):,} bytes, {width} x {height} pixels"


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


@lru_cache(maxsize=16)
def draw(prompt: str) -> bytes:
    """Return a PNG of hills under a sky. It depends on the prompt alone."""
    chance = random.Random(prompt)
    image = PIL.Image.new("RGB", (_WIDTH, _HEIGHT), (chance.randint(120, 200), 190, 235))
    canvas = PIL.ImageDraw.Draw(image)
    canvas.circle((chance.randint(40, 280), chance.randint(30, 80)), 22, fill=(255, 236, 170))
    for top in (110, 150, 190):
        left, green = chance.randint(-160, 60), chance.randint(60, 190)
        hill = (left, top, left + _WIDTH + chance.randint(0, 160), 2 * _HEIGHT)
        canvas.rectangle((0, top + 40, _WIDTH, _HEIGHT), fill=(60, green, 40))
        canvas.ellipse(hill, fill=(60, green, 40))
    drawn = BytesIO()
    image.save(drawn, "PNG")
    return drawn.getvalue()
