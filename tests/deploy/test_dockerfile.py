"""What the Dockerfile copies, and in which order."""

from tests.deploy.dockerfile import context, instructions
from tests.deploy.files import DEPLOY
from tests.harness.starters import TOPICS

DOCKERFILE = DEPLOY / "Dockerfile"


def test_only_sources_of_topics_get_into_the_image() -> None:
    folders = {file.parts[0] for file in context(DOCKERFILE)}
    needed = {*TOPICS, "durable_agents", "pyproject.toml", "uv.lock"}
    assert folders == needed


def test_dependencies_are_installed_before_the_code_is_copied() -> None:
    steps = [f"{word} {rest}" for word, rest in instructions(DOCKERFILE.read_text("utf-8"))]
    install = next(n for n, step in enumerate(steps) if step.startswith("RUN uv sync --frozen"))
    assert steps[install - 1] == "COPY pyproject.toml uv.lock ./"
    assert steps.index("COPY . .") > install
