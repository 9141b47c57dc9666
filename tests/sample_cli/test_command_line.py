"""`sample run` passes unknown options, and text that starts with a dash, to the starter."""

from collections.abc import Sequence

import pytest
from typer.testing import CliRunner

from sample_cli import cli
from sample_cli.catalog import Sample
from sample_cli.cli import app

NAME = "basic/hello_world"


@pytest.fixture
def recorded_call(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    recorded: list[object] = []

    async def run(sample: Sample, arguments: Sequence[str], *_: object, **options: object) -> int:
        assert sample.id == NAME
        recorded.extend([list(arguments), options.get("crash")])
        return 0

    monkeypatch.setattr(cli, "run_and_report", run)
    return recorded


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
def test_text_that_starts_with_a_dash_is_passed_to_the_starter(
    words: list[str], arguments: list[str], crash: bool, recorded_call: list[object]
) -> None:
    result = CliRunner().invoke(app, ["run", *words])
    assert (result.exit_code, result.output) == (0, "")
    assert recorded_call == [arguments, crash]


def test_short_help_option_shows_help(recorded_call: list[object]) -> None:
    result = CliRunner().invoke(app, ["run", "-h"])
    assert result.exit_code == 0
    assert "TOPIC/NAME" in result.output
    assert not recorded_call


def test_model_rejects_a_port_that_is_out_of_range() -> None:
    assert CliRunner().invoke(app, ["model", "--port", "65536"]).exit_code == 2
