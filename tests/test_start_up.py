"""Start-up imports what it needs: a fresh interpreter shows what else would slow it down."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import startup
from sample_cli import catalog
from sample_cli.catalog import ROOT
from tests.harness.starters import TOPICS

SDKS = {"agents", "openai", "mcp", "opentelemetry", "temporalio"}
# A worker that prints, when it would start to poll, what the first model call still has to load.
# There is no key and no server: loading sends no request.
FIRST_CALL = """
import asyncio, datetime, gc, sys
import durable_agents
assert gc.isenabled() and gc.get_freeze_count() > 100_000

def loaded():
    return {name for name in sys.modules if name.startswith("openai.")}

class Worker:
    def config(self, **_):
        return {"graceful_shutdown_timeout": datetime.timedelta(), "on_fatal_error": None}

    async def __aenter__(self):
        before = loaded()
        from openai import AsyncOpenAI
        from openai.types.responses import Response
        AsyncOpenAI(api_key="unused", base_url="http://127.0.0.1:9/v1").responses.create
        print(sorted(loaded() - before), Response.__pydantic_complete__)
        sys.exit()

    async def __aexit__(self, *_):
        pass

asyncio.run(durable_agents.serve(Worker()))
"""


def run(code: str) -> str:
    """Return what code prints in a fresh interpreter."""
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(
    ("code", "unused"),
    [
        ("import sample_cli.cli", {*SDKS, *TOPICS, "pydantic", "rich", "uvicorn"}),
        (
            "from sample_cli.cli import app; app(['list'], standalone_mode=False)",
            {*SDKS, *TOPICS, "rich"},
        ),
        (
            "from sample_cli.cli import app; app(['run', '--help'], standalone_mode=False)",
            {*SDKS, *TOPICS, "rich"},
        ),
        (
            "from offline_model.server import OfflineModel; OfflineModel()",
            {*SDKS, *TOPICS, "PIL", "jsonschema", "pydantic", "rich", "rstr", "typer"},
        ),
        ("import sample_cli.timeline_table", {*SDKS, *TOPICS}),
    ],
)
def test_command_and_offline_model_import_no_sdk_and_no_topic(code: str, unused: set[str]) -> None:
    printed = run(f"{code}\nimport sys; print(*sorted({{n.split('.')[0] for n in sys.modules}}))")
    imported = {*printed.splitlines()[-1].split()}
    assert {"sys", "sample_cli", "offline_model"} & imported
    assert not imported & unused


def test_finding_a_sample_parses_no_workflow_and_no_starter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parsed = []

    def parse(path: Path) -> ast.Module:
        parsed.append(path.name)
        return ast.parse(path.read_text(encoding="utf-8"))

    monkeypatch.setattr(catalog, "_parse", parse)
    assert catalog.find("basic/hello_world").id == "basic/hello_world"
    assert catalog.search_attributes()
    assert {*parsed} == {"__init__.py"}


def test_worker_loads_the_model_client_before_its_first_call() -> None:
    assert run(FIRST_CALL) == "[] True\n"


def test_benchmark_compares_commands_of_two_clones(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(startup, "COMMANDS", ("--help",))
    startup.compare_commands({"before": ROOT, "after": ROOT}, repeats=1)
    before, after = capsys.readouterr().out.splitlines()
    assert before.startswith("sample --help")
    assert before.endswith("(1.00, 1.00)")
    assert " after " in after
    with pytest.raises(subprocess.CalledProcessError):
        startup.command_cost(ROOT, "no-such-command")
