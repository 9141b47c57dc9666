"""A picture: it comes back small enough for the history, or not at all, with a word why."""

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
from tools.workflows.image_generator import SIZE_LIMIT

WEBP = b"RIFF\x10\x00\x00\x00WEBPVP8 "


def answer(picture: bytes | None, status: str = "completed") -> list[TResponseOutputItem]:
    data = base64.b64encode(picture).decode() if picture else None
    call = {"id": "ig_1", "type": "image_generation_call", "result": data, "status": status}
    return [ImageGenerationCall.model_validate(call), assistant_message("Hills.")]


async def test_the_picture_is_saved(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, model = tmp_path / "hills.webp", ScriptedModel([answer(WEBP)])
    async with serving(build_worker, model):
        await main("Hills", output=path)
    assert path.read_bytes() == WEBP
    assert capsys.readouterr().out == f"Hills.\nSaved {path} ({len(WEBP)} bytes)\n"
    model.assert_complete()
    (tool,) = model.calls[0].tools
    assert isinstance(tool, ImageGenerationTool)
    assert tool.tool_config["output_format"] == "webp"


@pytest.mark.parametrize(("picture", "suffix"), [(WEBP, ".webp"), (b"\x89PNG\r\n", ".png")])
async def test_without_a_place_it_is_saved_among_temporary_files(
    picture: bytes,
    suffix: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    async with serving(build_worker, ScriptedModel([answer(picture)])):
        await main("Hills")
    said = capsys.readouterr().out
    assert f"Saved {tmp_path}/tools-image-generator-" in said
    assert f"{suffix} ({len(picture)} bytes)" in said


@pytest.mark.parametrize("status", ["completed", "failed"])
async def test_no_picture_is_an_answer_too(status: str, capsys: pytest.CaptureFixture[str]) -> None:
    async with serving(build_worker, ScriptedModel([answer(None, status)])):
        await main("Hills")
    assert capsys.readouterr().out == "Hills.\nNo picture came back.\n"


async def test_a_picture_that_is_too_large_is_left_out(
    capsys: pytest.CaptureFixture[str],
) -> None:
    fits, too_large = bytes(SIZE_LIMIT // 4 * 3), bytes(SIZE_LIMIT // 4 * 3 + 1)
    model = ScriptedModel([answer(fits), answer(too_large)])
    async with serving(build_worker, model):
        await main("Hills")
        await main("Hills")
    said = capsys.readouterr().out
    assert "(192,000 bytes)" in said
    assert "(The picture is left out: 256,004 bytes, at most 256,000.)" in said
    assert said.endswith("No picture came back.\n")


async def test_bad_input_is_refused_before_a_picture_is_made(tmp_path: Path) -> None:
    model = ScriptedModel()
    async with serving(build_worker, model):
        error = await failure_of(main(""))
        with pytest.raises(typer.BadParameter, match="there is no folder"):
            await main("Hills", output=tmp_path / "nowhere" / "hills.webp")
    assert error.type == "InvalidInput"
    assert "prompt is empty" in error.message
    assert model.calls == ()
