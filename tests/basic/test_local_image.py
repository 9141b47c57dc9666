"""Images from disk: small ones inline, large ones uploaded, everything else rejected."""

import re
from pathlib import Path

import pytest
from agents.testing import ScriptedModel, assistant_message

from basic.activities.image import MAX_IMAGE_BYTES, MAX_INLINE_BYTES
from basic.run_local_image_workflow import main
from basic.run_worker import build_worker
from offline_model.server import OfflineModel
from tests.harness.workers import failure_of, serving

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def media(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "media"
    folder.mkdir()
    monkeypatch.setenv("MEDIA_FOLDER", str(folder))
    return folder


def sent_image(model: ScriptedModel) -> dict[str, str]:
    image: dict[str, str] = model.calls[0].input[0]["content"][0]
    return image


async def test_small_image_is_inline_and_large_image_is_uploaded(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = ScriptedModel([[assistant_message("A harbour.")]] * 2)
    with OfflineModel() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", "offline")
        async with serving(build_worker, model):
            await main()
    small, large = (call.input[0]["content"][0] for call in model.calls)
    assert small["image_url"].startswith("data:image/png;base64,")
    assert large["file_id"].startswith("file-")
    assert "image_url" not in large
    sizes = re.findall(r"history: ([\d,]+) bytes", capsys.readouterr().out)
    inline, uploaded = (int(size.replace(",", "")) for size in sizes)
    assert inline > 2 * 17_000 * 4 / 3  # recorded twice, in base64
    assert uploaded < 5_000


@pytest.mark.parametrize(
    ("start", "media_type"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\x10\x00\x00\x00WEBP", "image/webp"),
    ],
)
async def test_media_type_comes_from_the_content_not_the_name(
    media: Path, start: bytes, media_type: str
) -> None:
    (media / "picture.txt").write_bytes(start + bytes(MAX_INLINE_BYTES - len(start)))
    model = ScriptedModel([[assistant_message("A picture.")]])
    async with serving(build_worker, model):
        await main("picture.txt")
    assert sent_image(model)["image_url"].startswith(f"data:{media_type};base64,")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("../secret.png", "image_path '../secret.png' is outside the media folder"),
        ("/etc/hostname", "image_path '/etc/hostname' is outside the media folder"),
        ("link.png", "image_path 'link.png' is outside the media folder"),
        ("missing.png", "image_path 'missing.png' does not exist; available: fake.png, huge.png"),
        ("a\0b.png", "image_path 'a\\x00b.png' is not a valid file name"),
        ("x" * 5_000, "image_path is 5,000 characters; the limit is 1,000"),
        ("x" * 300, "is not a valid file name"),
        ("loop.png", "image_path 'loop.png' is not a valid file name"),
        ("", "image_path '' does not exist"),
        ("fake.png", "image_path 'fake.png' is not a PNG, JPEG, GIF, or WebP image"),
        ("wave.png", "image_path 'wave.png' is not a PNG, JPEG, GIF, or WebP image"),
        ("huge.png", "image_path 'huge.png' is 8,000,008 bytes; the limit is 8,000,000"),
    ],
)
async def test_path_that_is_not_an_image_in_the_folder_is_rejected(
    media: Path, path: str, message: str
) -> None:
    (media.parent / "secret.png").write_bytes(PNG)
    (media / "link.png").symlink_to(media.parent / "secret.png")
    (media / "loop.png").symlink_to(media / "loop.png")
    (media / "fake.png").write_text("not a picture")
    (media / "wave.png").write_bytes(b"RIFF\x10\x00\x00\x00WAVE")
    (media / "huge.png").write_bytes(PNG + bytes(MAX_IMAGE_BYTES))
    model = ScriptedModel()
    async with serving(build_worker, model):
        error = await failure_of(main(path) if path else ask_with_empty_path())
    assert error.type == "InvalidInput"
    assert message in error.message
    assert model.calls == ()


async def ask_with_empty_path() -> None:
    """Ask with an empty path. The starter itself would use its default instead."""
    from durable_agents import connect

    from basic.run_local_image_workflow import ask

    await ask(await connect(), "", "What is this?")
