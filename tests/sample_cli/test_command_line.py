"""`sample run` and `sample record` pass on what is the starter's, also text with a dash."""

from collections.abc import Sequence

import pytest
from typer.testing import CliRunner

from sample_cli import commands
from sample_cli.catalog import Sample
from sample_cli.cli import app

NAME = "basic/hello_world"


@pytest.fixture
def passed_on(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    noted: list[object] = []

    async def run(sample: Sample, arguments: Sequence[str], *_: object, **options: object) -> int:
        assert sample.id == NAME
        noted.extend([list(arguments), options.get("crash")])
        return 0

    monkeypatch.setattr(commands, "run", run)
    return noted


@pytest.mark.parametrize(
    ("words", "arguments", "crash"),
    [
        ([NAME, "Rivers"], ["Rivers"], False),
        ([NAME, "-5 degrees, oh"], ["-5 degrees, oh"], False),
        ([NAME, "--crash", "- a list"], ["- a list"], True),
        ([NAME, "--", "-5 degrees"], ["-5 degrees"], False),
        ([NAME, "--", "--help"], ["--help"], False),
        ([NAME, "--message", "-5 degrees"], ["--message", "-5 degrees"], False),
        ([NAME, "-5", "--crash"], ["-5", "--crash"], False),
    ],
)
def test_text_that_begins_with_a_dash_is_passed_on(
    words: list[str], arguments: list[str], crash: bool, passed_on: list[object]
) -> None:
    result = CliRunner().invoke(app, ["run", *words])
    assert (result.exit_code, result.output) == (0, "")
    assert passed_on == [arguments, crash]


def test_h_shows_the_help(passed_on: list[object]) -> None:
    result = CliRunner().invoke(app, ["run", "-h"])
    assert result.exit_code == 0
    assert "TOPIC/NAME" in result.output
    assert not passed_on
