"""Prompts of a server are instructions of an agent; one that is missing fails the run at once."""

from collections.abc import Callable

import pytest
from agents.testing import ScriptedModel, assistant_message
from mcp.server.mcpserver import MCPServer

from mcp_servers import PLUGIN_OPTIONS
from mcp_servers.run_prompt_server_workflow import CODE, main
from mcp_servers.run_worker import build_worker
from mcp_servers.workflows.prompt_server import LONGEST_CODE
from tests.harness.workers import failure_of, input_texts, serving
from tests.mcp_servers.watched import own_server


async def test_the_prompt_of_the_server_instructs_the_agent(
    capsys: pytest.CaptureFixture[str],
) -> None:
    model = ScriptedModel([[assistant_message("Line 2.")]])
    async with serving(build_worker, model, **PLUGIN_OPTIONS):
        await main()
    assert capsys.readouterr().out == "Line 2.\n"
    [call] = model.calls
    assert "look at correctness above all" in str(call.system_instructions)
    assert input_texts(call) == [CODE]
    assert not call.tools


def without_the_prompt() -> MCPServer:
    return MCPServer("prompts", log_level="CRITICAL")


def with_an_empty_one() -> MCPServer:
    server = without_the_prompt()

    @server.prompt()
    def review_code(focus: str) -> str:
        """Return nothing."""
        return " "

    return server


@pytest.mark.parametrize(
    ("make", "type", "says"),
    [
        (without_the_prompt, "UnknownPrompt", "has no prompt 'review_code'; its prompts: none"),
        (with_an_empty_one, "EmptyPrompt", "The prompt has no text"),
    ],
)
async def test_a_prompt_that_is_not_there_fails_the_run_at_once(
    make: Callable[[], MCPServer], type: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with own_server(monkeypatch, "prompts", make().streamable_http_app()):
        async with serving(build_worker, ScriptedModel(), **PLUGIN_OPTIONS):
            error = await failure_of(main())
    assert error.type == type
    assert says in error.message


@pytest.mark.parametrize(("code", "says"), [(" ", "code is empty"), ("x" * 20_001, "longer than")])
async def test_bad_input_fails(code: str, says: str) -> None:
    async with serving(build_worker, ScriptedModel(), **PLUGIN_OPTIONS):
        error = await failure_of(main(code))
    assert error.type == "InvalidInput"
    assert says in error.message
    assert len(code) in (1, LONGEST_CODE + 1)
