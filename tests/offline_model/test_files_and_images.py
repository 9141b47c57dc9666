"""Uploaded files, and what is said of images."""

import base64
import struct
import zlib

import pytest
from openai import BadRequestError, NotFoundError, OpenAI
from openai.types.responses import ResponseInputImageParam

from offline_model.api_errors import ApiError
from offline_model.images import Image


def png(width: int = 3, height: int = 2) -> bytes:
    """Return a black picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + checksum

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" * (width + 1)) * height)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


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


def test_a_file_is_kept_as_it_was_sent(client: OpenAI) -> None:
    data = bytes(range(256)) * 5000
    file = client.files.create(file=("notes.bin", data), purpose="vision")

    assert (file.filename, file.bytes, file.purpose) == ("notes.bin", len(data), "vision")
    assert client.files.retrieve(file.id) == file
    assert client.files.content(file.id).read() == data
    assert list(client.files.list()) == [file]
    assert list(client.files.list(purpose="batch")) == []


def test_a_deleted_file_is_gone(client: OpenAI) -> None:
    file = client.files.create(file=("notes.txt", b"x"), purpose="vision")

    assert client.files.delete(file.id).deleted
    with pytest.raises(NotFoundError, match="No such File"):
        client.files.retrieve(file.id)
    with pytest.raises(NotFoundError):
        client.files.delete(file.id)


def test_an_upload_without_a_file_is_refused(client: OpenAI) -> None:
    with pytest.raises(BadRequestError, match="multipart"):
        client.post("/files", body={"purpose": "vision"}, cast_to=object)


def test_an_image_in_the_request_is_described_by_its_bytes(client: OpenAI) -> None:
    data = png(300, 200)

    assert f"PNG image of {len(data)} bytes, 300 x 200 pixels" in ask_about(
        client, url=as_url(data)
    )


def test_an_uploaded_image_is_described_by_its_bytes(client: OpenAI) -> None:
    file = client.files.create(file=("x.png", png()), purpose="vision")

    assert "3 x 2 pixels" in ask_about(client, file_id=file.id)


def test_a_remote_image_is_only_named(client: OpenAI) -> None:
    text = ask_about(client, url="https://example.com/pictures/bridge.jpg?size=big")

    assert "bridge.jpg" in text
    assert "not fetched" in text


def test_an_unknown_file_is_refused(client: OpenAI) -> None:
    with pytest.raises(NotFoundError, match="No such File"):
        ask_about(client, file_id="file-gone")


@pytest.mark.parametrize(
    "url",
    [
        as_url(b"no image at all"),
        as_url(png()[:18]),
        "data:image/png;base64,***",
        "data:image/png,x",
        "file:///etc/passwd",
    ],
)
def test_what_is_no_image_is_refused(client: OpenAI, url: str) -> None:
    with pytest.raises(BadRequestError) as error:
        ask_about(client, url=url)

    assert error.value.code == "invalid_image"


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (png(640, 480), "image/png"),
        (b"GIF89a" + struct.pack("<HH", 640, 480), "image/gif"),
        (
            b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc4\x00\x03c"
            b"\xff\xc2\x00\x11\x08" + struct.pack(">HH", 480, 640),
            "image/jpeg",
        ),
        (
            b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 640, 480),
            "image/webp",
        ),
        (
            b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f" + struct.pack("<I", 639 | 479 << 14),
            "image/webp",
        ),
        (
            b"RIFF\0\0\0\0WEBPVP8X\0\0\0\0\0\0\0\0\x7f\x02\0\xdf\x01\0",
            "image/webp",
        ),
    ],
    ids=["png", "gif", "jpeg", "webp-lossy", "webp-lossless", "webp-extended"],
)
def test_type_and_size_are_read_from_the_bytes(data: bytes, media_type: str) -> None:
    image = Image.of(data)

    assert (image.media_type, image.width, image.height) == (media_type, 640, 480)
    assert image.size == len(data)


def test_a_cut_off_image_is_refused() -> None:
    with pytest.raises(ApiError):
        Image.of(b"\xff\xd8\xff\xe0\x00\x10")
