"""`sample fail`: the list, the comparison of both versions, and bad input."""

import json
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from sample_cli import cli
from sample_cli.catalog import ROOT
from sample_cli.failures import Failure, Played, difference, failures, find_failure, location
from sample_cli.processes import CommandError
from tests.harness.command import sample

FAILURE = find_failure("unknown_tool")
PLAYED = [
    Played(
        "naive", "still running after 6 s: its workflow task fails ...", 6.5, 1, "still .*", [], ""
    ),
    Played("durable", "failed: ModelBehaviorError", 0.5, 1, "failed: .*", [], ""),
]


def invoke(*arguments: str) -> tuple[int, str]:
    """Run `sample fail` in this process; return its exit code and output."""
    result = CliRunner().invoke(cli.app, ["fail", *arguments])
    return result.exit_code, result.output


def test_list_has_every_failure_in_its_group() -> None:
    code, output = invoke()
    assert code == 0
    for failure in failures():
        assert f"    {failure.name}\n        {failure.symptom}\n" in output
        assert output.index(f"{failure.group}\n") < output.index(f"    {failure.name}\n")


def test_list_as_json_has_the_cure_and_its_place() -> None:
    code, output = invoke("--json")
    assert code == 0
    for found in json.loads(output):
        path, line = found["code"].split(":")
        assert len((ROOT / path).read_text().splitlines()) >= int(line)
        assert (ROOT / found["test"]).exists()


@pytest.mark.parametrize(
    ("name", "hint"), [("unknown-tol", "Did you mean unknown_tool?"), ("zzz", "")]
)
def test_unknown_failure_is_one_line(name: str, hint: str) -> None:
    code, output = invoke(name)
    expected = f"There is no failure {name!r}. {hint} `sample fail` lists all.\n"
    assert (code, output) == (2, expected.replace("  ", " "))


def test_names_and_all_exclude_each_other() -> None:
    assert invoke("unknown_tool", "--all") == (2, "Give names or --all, not both.\n")


@pytest.mark.parametrize("outcome", ["failed: ModelBehaviorError", "completed: fine"])
def test_exit_code_says_whether_both_versions_behave_as_described(
    outcome: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def play_each(
        chosen: Sequence[Failure],
    ) -> AsyncGenerator[tuple[Failure, list[Played]]]:
        for failure in chosen:
            yield failure, [PLAYED[0], replace(PLAYED[1], outcome=outcome)]

    monkeypatch.setattr(cli, "play_each", play_each)
    code, output = invoke("unknown_tool")
    if outcome.startswith("failed"):
        assert code == 0
        assert "unknown_tool: both versions behave as described." in output
    else:
        assert code == 1
        assert f"unknown_tool, durable: expected 'failed: .*', was {outcome!r}" in output
    assert FAILURE.cause.split(".")[0] in " ".join(output.split())


def test_difference_has_only_the_lines_that_change() -> None:
    lines = [line for line in difference(FAILURE) if line[0] in "+-"]
    assert len(lines) == 2
    assert "activity_as_tool(" in lines[0]
    assert "activity_tool(" in lines[1]


def test_cure_that_is_not_there_is_an_error() -> None:
    with pytest.raises(CommandError, match="'nothing' is not in README"):
        location(replace(FAILURE, cure_at="README.md: nothing"))


@pytest.mark.exhaustive
async def test_both_versions_play_side_by_side() -> None:
    async with sample("fail", "unknown_tool", "--json") as command:
        code = await command.end()
    assert code == 0, command.output
    [found] = json.loads(command.output)
    assert found["naive"]["outcome"].startswith("still running after 6 s: its workflow task fails")
    assert found["durable"]["outcome"].startswith("failed: ModelBehaviorError: Tool no_such_tool")
    assert found["durable"]["seconds"] < found["naive"]["seconds"]
