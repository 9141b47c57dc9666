"""Invalid input is reported in one line on standard error."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from basic.activities.image import MAX_IMAGE_BYTES
from offline_model.server import OfflineModel
from sample_cli.catalog import ROOT
from tests.harness.forked_worker import ForkedWorker
from tests.harness.processes import ForkedScript

NOT_A_NUMBER = (
    "Invalid value for 'max_number': Input should be a valid integer, "
    "unable to parse string as an integer"
)
BELOW_ONE = "Workflow failed: InvalidInput: max_number is 0; the minimum is 1"

CASES = {
    "hello_world, empty prompt": (
        ["hello_world", ""],
        1,
        "Workflow failed: InvalidInput: prompt is empty",
    ),
    "tools, empty question": (
        ["tools", " "],
        1,
        "Workflow failed: InvalidInput: question is empty",
    ),
    "lifecycle, below 1": (["lifecycle", "0"], 1, BELOW_ONE),
    "lifecycle, not a number": (["lifecycle", "ten"], 2, NOT_A_NUMBER),
    "agent_lifecycle, below 1": (["agent_lifecycle", "0"], 1, BELOW_ONE),
    "agent_lifecycle, not a number": (["agent_lifecycle", "ten"], 2, NOT_A_NUMBER),
    "dynamic_system_prompt, unknown style": (
        ["dynamic_system_prompt", "Hello", "opera"],
        1,
        "Workflow failed: InvalidInput: style is 'opera'; choose one of haiku, pirate, robot",
    ),
    "local_image, outside the media folder": (
        ["local_image", "../secret.png"],
        1,
        "Workflow failed: InvalidInput: image_path '../secret.png' is outside the media folder",
    ),
    "local_image, missing": (
        ["local_image", "none.png"],
        1,
        "Workflow failed: InvalidInput: image_path 'none.png' does not exist; available: "
        "large.png, text.png",
    ),
    "local_image, not an image": (
        ["local_image", "text.png"],
        1,
        "Workflow failed: InvalidInput: image_path 'text.png' is not a PNG, JPEG, GIF, or WebP "
        "image",
    ),
    "local_image, over 8 MB": (
        ["local_image", "large.png"],
        1,
        "Workflow failed: InvalidInput: image_path 'large.png' is 8,000,001 bytes; the limit is "
        "8,000,000",
    ),
    "remote_image, not http": (
        ["remote_image", "ftp://host/picture.png"],
        1,
        "Workflow failed: InvalidInput: image_url is 'ftp://host/picture.png'; it must be an http "
        "or https URL",
    ),
}


@pytest.fixture(scope="module")
async def model(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[OfflineModel]:
    """Run a worker with a temporary media folder, and return its model."""
    media = tmp_path_factory.mktemp("media")
    (media / "text.png").write_text("not a picture", encoding="utf-8")
    with (media / "large.png").open("wb") as file:
        file.truncate(MAX_IMAGE_BYTES + 1)
    with OfflineModel() as model, pytest.MonkeyPatch.context() as environment:
        environment.setenv("MEDIA_FOLDER", str(media))
        environment.setenv("OPENAI_BASE_URL", model.base_url)
        environment.setenv("OPENAI_API_KEY", "offline")
        with ForkedWorker("basic"):
            yield model


@pytest.mark.parametrize("case", CASES)
async def test_invalid_input_is_reported_in_one_line(
    case: str, model: OfflineModel, tmp_path: Path
) -> None:
    [name, *arguments], code, line = CASES[case]
    calls_before = len(model.calls)
    script = ROOT / "basic" / f"run_{name}_workflow.py"
    with ForkedScript(script, *arguments, folder=tmp_path) as starter:
        ended = await starter.ended()
    assert (ended.code, ended.out, ended.err) == (code, "", f"{line}\n")
    assert len(model.calls) == calls_before, "the model was called with invalid input"


async def test_unknown_city_is_reported_to_the_model(model: OfflineModel, tmp_path: Path) -> None:
    script = ROOT / "basic" / "run_tools_workflow.py"
    with ForkedScript(script, "What is the weather in Atlantis?", folder=tmp_path) as starter:
        ended = await starter.ended()
    assert (ended.code, ended.err) == (0, "")
    assert "No weather for 'Atlantis'. Known cities: Amsterdam" in ended.out
