"""Invalid image names, and error messages for a folder with many files."""

from durable_agents import InvalidInput

from pathlib import Path

import pytest
from temporalio.testing import ActivityEnvironment

from basic.activities.image import load_image


@pytest.fixture
def media(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MEDIA_FOLDER", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("path", ["\ud83d.png", "a\0b.png", "x" * 300, "x" * 5_000])
async def test_invalid_file_name_is_not_retried(path: str, media: Path) -> None:
    with pytest.raises(InvalidInput) as rejected:
        await ActivityEnvironment().run(load_image, path)
    assert rejected.value.non_retryable
    assert len(rejected.value.message) < 500


async def test_error_lists_only_the_first_of_many_files(media: Path) -> None:
    for number in range(25):
        (media / f"{number:02}.png").touch()
    with pytest.raises(InvalidInput, match=r"18\.png, 19\.png, and 5 more$"):
        await ActivityEnvironment().run(load_image, "missing.png")
