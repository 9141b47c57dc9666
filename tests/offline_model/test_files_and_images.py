"""Uploaded files, and images in requests."""

import base64
import struct
import zlib
from io import BytesIO
from typing import Any

import pytest
from openai import BadRequestError, NotFoundError, OpenAI
from openai.types.responses import ResponseInputImageParam
from PIL import Image

from offline_model.api_errors import ApiError
from offline_model.images import describe, draw


def encoded(form: str, size: tuple[int, int] = (3, 2), **options: Any) -> bytes:
    """Return a black picture in a format of Pillow."""
    file = BytesIO()
    Image.new("RGB", size).save(file, form, **options)
    return file.getvalue()


def as_url(data: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(data).decode()


def ask_about(client: OpenAI, *, file_id: str | None = None, url: str | None = None) -> str:
    image: ResponseInputImageParam = {
        "type": "input_image",
        "detail": "auto",
        "file_id": file_id,
        "image_url": url,
    }
    response = client.responses.create(
        model="m",
        input=[
            {"role": "user", "content": [image]},
            {"role": "user", "content": "What is this?"},
        ],
    )
    return response.output_text


def test_file_is_stored_as_sent(client: OpenAI) -> None:
    data = bytes(range(256)) * 5000
    file = client.files.create(file=("notes.bin", data), purpose="vision")

    assert (file.filename, file.bytes, file.purpose) == ("notes.bin", len(data), "vision")
    assert client.files.retrieve(file.id) == file
    assert client.files.content(file.id).read() == data
    assert list(client.files.list()) == [file]
    assert list(client.files.list(purpose="batch")) == []


def test_deleted_file_is_not_found(client: OpenAI) -> None:
    file = client.files.create(file=("notes.txt", b"x"), purpose="vision")

    assert client.files.delete(file.id).deleted
    with pytest.raises(NotFoundError, match="No such File"):
        client.files.retrieve(file.id)
    with pytest.raises(NotFoundError):
        client.files.delete(file.id)


def test_upload_without_a_file_is_rejected(client: OpenAI) -> None:
    with pytest.raises(BadRequestError, match="multipart"):
        client.post("/files", body={"purpose": "vision"}, cast_to=object)


def test_answer_describes_an_image_in_the_request(client: OpenAI) -> None:
    data = encoded("PNG", (300, 200))

    assert f"PNG image of {len(data)} bytes, 300 x 200 pixels" in ask_about(
        client, url=as_url(data)
    )


def test_answer_describes_an_uploaded_image(client: OpenAI) -> None:
    file = client.files.create(file=("x.png", encoded("PNG")), purpose="vision")

    assert "3 x 2 pixels" in ask_about(client, file_id=file.id)


def test_answer_names_a_remote_image_without_fetching_it(client: OpenAI) -> None:
    text = ask_about(client, url="https://example.com/pictures/bridge.jpg?size=big")

    assert "bridge.jpg" in text
    assert "not fetched" in text


def test_unknown_file_is_rejected(client: OpenAI) -> None:
    with pytest.raises(NotFoundError, match="No such File"):
        ask_about(client, file_id="file-gone")


@pytest.mark.parametrize(
    "url",
    [
        as_url(b"no image at all"),
        as_url(encoded("PNG")[:18]),
        "data:image/png;base64,***",
        "data:image/png,x",
        "file:///etc/passwd",
    ],
)
def test_invalid_image_is_rejected(client: OpenAI, url: str) -> None:
    with pytest.raises(BadRequestError) as error:
        ask_about(client, url=url)

    assert error.value.code == "invalid_image"


@pytest.mark.parametrize(
    ("name", "form", "options"),
    [
        ("PNG", "PNG", {}),
        ("GIF", "GIF", {}),
        ("JPEG", "JPEG", {}),
        ("WebP", "WEBP", {}),
        ("WebP", "WEBP", {"lossless": True}),
    ],
)
def test_image_is_described_by_its_bytes(name: str, form: str, options: dict[str, Any]) -> None:
    data = encoded(form, (640, 480), **options)

    assert describe(data) == f"a {name} image of {len(data):,} bytes, 640 x 480 pixels"


@pytest.mark.parametrize("data", [encoded("JPEG")[:6], encoded("BMP"), encoded("PNG", (1, 1))[:20]])
def test_unreadable_image_is_rejected(data: bytes) -> None:
    with pytest.raises(ApiError, match="Not a PNG"):
        describe(data)


def test_image_with_too_many_pixels_is_rejected() -> None:
    data = bytearray(encoded("PNG"))
    data[16:24] = struct.pack(">II", 100_000, 100_000)
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))

    with pytest.raises(ApiError, match="Not a PNG"):
        describe(bytes(data))


def test_drawing_depends_on_the_prompt_alone() -> None:
    cat, again, dog = (draw(prompt) for prompt in ("a cat", "a cat", "a dog"))

    assert cat == again != dog
    assert "PNG" in describe(cat)
    assert "320 x 240" in describe(cat)
