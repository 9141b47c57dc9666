"""What a user gets wrong is one line on standard error that says what would be right."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from basic.activities.image import SIZE_LIMIT
from offline_model.server import OfflineModel
from sample_cli.catalog import ROOT
from tests.harness.forked_worker import ForkedWorker
from tests.harness.processes import ForkedScript

NO_NUMBER = (
    "Invalid value for 'max_number': Input should be a valid integer, "
    "unable to parse string as an integer"
)
BELOW_ONE = "Workflow failed: InvalidInput: max_number is 0: it must be 1 or more"

CASES = {
    "hello_world, empty prompt": (
        ["hello_world", ""],
        1,
        "Workflow failed: InvalidInput: prompt is empty: say what the haiku is to be about",
    ),
    "tools, empty question": (
        ["tools", " "],
        1,
        "Workflow failed: InvalidInput: question is empty: ask about the weather of a city",
    ),
    "lifecycle, below 1": (["lifecycle", "0"], 1, BELOW_ONE),
    "lifecycle, no number": (["lifecycle", "ten"], 2, NO_NUMBER),
    "agent_lifecycle, below 1": (["agent_lifecycle", "0"], 1, BELOW_ONE),
    "agent_lifecycle, no number": (["agent_lifecycle", "ten"], 2, NO_NUMBER),
    "dynamic_system_prompt, unknown style": (
        ["dynamic_system_prompt", "Hello", "opera"],
        1,
        "Workflow failed: InvalidInput: style 'opera' is unknown: choose haiku, pirate, robot, "
        "or none",
    ),
    "local_image, outside the media folder": (
        ["local_image", "../secret.png"],
        1,
        "Workflow failed: InvalidInput: image_path '../secret.png' is outside the media folder",
    ),
    "local_image, missing": (
        ["local_image", "none.png"],
        1,
        "Workflow failed: InvalidInput: image_path 'none.png' does not exist; there are: "
        "large.png, text.png",
    ),
    "local_image, not an image": (
        ["local_image", "text.png"],
        1,
        "Workflow failed: InvalidInput: image_path 'text.png' is not a PNG, JPEG, GIF or WebP "
        "picture",
    ),
    "local_image, over 8 MB": (
        ["local_image", "large.png"],
        1,
        "Workflow failed: InvalidInput: image_path 'large.png' is 8.0 MB: at most 8 MB",
    ),
    "remote_image, not http": (
        ["remote_image", "ftp://host/picture.png"],
        1,
        "Workflow failed: InvalidInput: image_url 'ftp://host/picture.png' must be like "
        "https://host/picture.png",
    ),
}


@pytest.fixture(scope="module")
async def model(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[OfflineModel]:
    """A worker is up, with a media folder of its own, and this is its model."""
    media = tmp_path_factory.mktemp("media")
    (media / "text.png").write_text("not a picture", encoding="utf-8")
    with (media / "large.png").open("wb") as file:
        file.truncate(SIZE_LIMIT + 1)
    with OfflineModel() as model, pytest.MonkeyPatch.context() as environment:
        environment.setenv("MEDIA_FOLDER", str(media))
        environment.setenv("OPENAI_BASE_URL", model.base_url)
        environment.setenv("OPENAI_API_KEY", "offline")
        with ForkedWorker("basic"):
            yield model


@pytest.mark.parametrize("case", CASES)
async def test_bad_input_is_one_line(case: str, model: OfflineModel, tmp_path: Path) -> None:
    [name, *arguments], code, line = CASES[case]
    asked = len(model.calls)
    script = ROOT / "basic" / f"run_{name}_workflow.py"
    with ForkedScript(script, *arguments, folder=tmp_path) as starter:
        ended = await starter.ended()
    assert (ended.code, ended.out, ended.err) == (code, "", f"{line}\n")
    assert len(model.calls) == asked, "the model was asked, though the input was wrong"


async def test_the_model_is_told_of_an_unknown_city_and_answers(
    model: OfflineModel, tmp_path: Path
) -> None:
    script = ROOT / "basic" / "run_tools_workflow.py"
    with ForkedScript(script, "What is the weather in Atlantis?", folder=tmp_path) as starter:
        ended = await starter.ended()
    assert (ended.code, ended.err) == (0, "")
    assert "No weather for 'Atlantis'. Known cities: Amsterdam" in ended.out
