"""Screenshots in the README, taken by the browser tests."""

import pytest

from tests.harness.browser import IMAGES


@pytest.mark.parametrize("name", ["goal_agent.png", "goal_agent_phone.png"])
def test_screenshot_exists_and_is_small(name: str) -> None:
    size = (IMAGES / name).stat().st_size
    assert 0 < size < 150_000, "PICTURES=1 uv run pytest -m browser tests/goal_agent"
