"""Starters as shells run them: arguments that start with a dash, and encodings."""

from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from sample_cli.catalog import find
from sample_cli.processes import until
from tests.harness.processes import ForkedScript, run_script

STARTER = find("basic/hello_world").starter
PROBE = """
from durable_agents import run


async def main(prompt: str = "", *, message: list[str] | None = None) -> None:
    print(prompt, message, "日本")


run(main)
"""


@pytest.fixture
def probe(tmp_path: Path) -> Path:
    script = tmp_path / "probe.py"
    script.write_text(PROBE)
    return script


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
async def test_output_that_cannot_be_encoded_is_replaced(
    encoding: str, probe: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", encoding)
    ended = await run_script(probe, "x")
    assert (ended.code, ended.out, ended.err) == (0, "x None ??\n", "")


@pytest.mark.parametrize("position", ["argument", "option"])
async def test_argument_that_is_not_utf8_is_one_line_and_exit_code_2(
    position: str, tmp_path: Path, probe: Path
) -> None:
    words = ["--message", "caf\udce9"] if position == "option" else ["caf\udce9"]
    with ForkedScript(probe, *words, folder=tmp_path) as script:
        ended = await script.ended()
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == "Invalid value: 'caf\\udce9' is not valid UTF-8.\n"


async def test_prompt_that_starts_with_a_dash_reaches_the_workflow(
    temporal: WorkflowEnvironment, tmp_path: Path
) -> None:
    prompt = "-5 degrees: is that cold?"
    with ForkedScript(STARTER, prompt, folder=tmp_path):

        async def started() -> bool:
            async for run in temporal.client.list_workflows("WorkflowType = 'HelloWorldAgent'"):
                history = await temporal.client.get_workflow_handle(run.id).fetch_history()
                first = history.events[0].workflow_execution_started_event_attributes
                if prompt.encode() in first.input.payloads[0].data:
                    await temporal.client.get_workflow_handle(run.id).terminate()
                    return True
            return False

        await until(started)
