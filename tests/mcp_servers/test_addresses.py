"""Invalid addresses and folders are named in the error, without the secrets in them."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from agents.testing import ScriptedModel

from mcp_servers.connections import PLUGIN_OPTIONS
from mcp_servers.run_file_system_workflow import main as ask_files
from mcp_servers.run_sse_workflow import main as ask_sse
from mcp_servers.run_streamable_http_workflow import main
from mcp_servers.run_worker import build_worker
from sample_cli.processes import free_port
from tests.harness.workers import failure_of, serving
from tests.mcp_servers.recording import short_retries


@pytest.mark.parametrize(
    ("ask", "variable", "path"),
    [(main, "MCP_UNITS_URL", "/mcp"), (ask_sse, "MCP_TIMETABLE_URL", "/sse")],
)
async def test_error_names_the_address_and_variable_when_a_server_is_down(
    ask: Callable[[], Awaitable[None]], variable: str, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    short_retries(monkeypatch, attempts=2)
    server = f"127.0.0.1:{free_port()}{path}"
    monkeypatch.setenv(variable, f"http://me:secret@{server}?token=secret")
    async with serving(build_worker, ScriptedModel(), **PLUGIN_OPTIONS):
        error = await failure_of(ask())
    assert error.type == "ConnectionError"
    assert f"Its address is http://{server}: start it, or set {variable} on" in error.message
    assert "secret" not in error.message


async def test_missing_folder_fails_the_run_at_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MCP_FILES_FOLDER", str(tmp_path / "missing"))
    async with serving(build_worker, ScriptedModel(), **PLUGIN_OPTIONS):
        error = await failure_of(ask_files())
    assert error.type == "InvalidInput"
    assert "MCP_FILES_FOLDER is " in error.message
