"""Generated images: saved by the starter, and omitted if too large for the history."""

import base64
from pathlib import Path

import pytest
import typer
from agents import ImageGenerationTool
from agents.items import TResponseOutputItem
from agents.testing import ScriptedModel, assistant_message
from openai.types.responses.response_output_item import ImageGenerationCall

from tests.harness.workers import failure_of, serving
from tools.run_image_generator_workflow import main
from tools.run_worker import build_worker
from tools.workflows.image_generator import MAX_IMAGE_BYTES

WEBP = b"RIFF\x10\x00\x00\x00WEBPVP8 "


def answer(image: bytes | None, status: str = "completed") -> list[TResponseOutputItem]:
    data = base64.b64encode(image).decode() if image else None
    call = {"id": "ig_1", "type": "image_generation_call", "result": data, "status": status}
    return [ImageGenerationCall.model_validate(call), assistant_message("Hills.")]


async def test_image_is_saved_to_the_given_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, model = tmp_path / "hills.webp", ScriptedModel([answer(WEBP)])
    async with serving(build_worker, model):
        await main("Hills", output=path)
    assert path.read_bytes() == WEBP
    assert capsys.readouterr().out == f"Hills.\nSaved {path} ({len(WEBP)} bytes)\n"
    model.assert_complete()
    (tool,) = model.calls[0].tools
    assert isinstance(tool, ImageGenerationTool)
    assert tool.tool_config["output_format"] == "webp"


@pytest.mark.parametrize(("image", "suffix"), [(WEBP, ".webp"), (b"\x89PNG\r\n", ".png")])
async def test_image_is_saved_to_a_temporary_file_by_default(
    image: bytes,
    suffix: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    async with serving(build_worker, ScriptedModel([answer(image)])):
        await main("Hills")
    printed = capsys.readouterr().out
    assert f"Saved {tmp_path}/tools-image-generator-" in printed
    assert f"{suffix} ({len(image)} bytes)" in printed


@pytest.mark.parametrize("status", ["completed", "failed"])
async def test_answer_without_image_is_printed(
    status: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async with serving(build_worker, ScriptedModel([answer(None, status)])):
        await main("Hills")
    assert capsys.readouterr().out == "Hills.\nThere is no image to save.\n"


async def test_image_over_the_limit_is_omitted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    fits, too_large = bytes(MAX_IMAGE_BYTES // 4 * 3), bytes(MAX_IMAGE_BYTES // 4 * 3 + 1)
    model = ScriptedModel([answer(fits), answer(too_large)])
    async with serving(build_worker, model):
        await main("Hills")
        await main("Hills")
    printed = capsys.readouterr().out
    assert "(192,000 bytes)" in printed
    assert "(Image omitted: 256,004 bytes; the limit is 256,000.)" in printed
    assert printed.endswith("There is no image to save.\n")


async def test_invalid_input_is_rejected_before_any_model_call(tmp_path: Path) -> None:
    model = ScriptedModel()
    async with serving(build_worker, model):
        error = await failure_of(main(""))
        with pytest.raises(typer.BadParameter, match="does not exist"):
            await main("Hills", output=tmp_path / "nowhere" / "hills.webp")
        with pytest.raises(typer.BadParameter, match="is a folder"):
            await main("Hills", output=tmp_path)
    assert error.type == "InvalidInput"
    assert "prompt is empty" in error.message
    assert model.calls == ()
