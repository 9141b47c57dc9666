"""The pictures of the page in the README: the browser tests take them."""

import pytest

from tests.goal_agent.browser import IMAGES


@pytest.mark.parametrize("name", ["goal_agent.png", "goal_agent_phone.png"])
def test_a_picture_is_there_and_small(name: str) -> None:
    size = (IMAGES / name).stat().st_size
    assert 0 < size < 150_000, "PICTURES=1 uv run pytest -m browser tests/goal_agent"
