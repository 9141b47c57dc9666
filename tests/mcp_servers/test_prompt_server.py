"""A server's prompt becomes the agent's instructions; a missing one fails the run at once."""

from collections.abc import Callable

import pytest
from agents.testing import ScriptedModel, assistant_message
from mcp.server.mcpserver import MCPServer

from mcp_servers.connections import PLUGIN_OPTIONS
from mcp_servers.run_prompt_server_workflow import CODE, main
from mcp_servers.run_worker import build_worker
from mcp_servers.workflows.prompt_server import MAX_CODE_LENGTH
from tests.harness.workers import failure_of, input_texts, serving
from tests.mcp_servers.recording import own_server


async def test_prompt_becomes_the_instructions(
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


def without_prompts() -> MCPServer:
    return MCPServer("prompts", log_level="CRITICAL")


def with_empty_prompt() -> MCPServer:
    server = without_prompts()

    @server.prompt()
    def review_code(focus: str) -> str:
        """Return nothing."""
        return " "

    return server


@pytest.mark.parametrize(
    ("make", "type", "message"),
    [
        (without_prompts, "UnknownPrompt", "has no prompt 'review_code'; its prompts: none"),
        (with_empty_prompt, "EmptyPrompt", "The prompt has no text"),
    ],
)
async def test_run_fails_at_once_when_the_prompt_is_missing_or_empty(
    make: Callable[[], MCPServer], type: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with own_server(monkeypatch, "prompts", make().streamable_http_app()):
        async with serving(build_worker, ScriptedModel(), **PLUGIN_OPTIONS):
            error = await failure_of(main())
    assert error.type == type
    assert message in error.message


@pytest.mark.parametrize(
    ("code", "message"), [(" ", "code is empty"), ("x" * 20_001, "the limit is 20,000")]
)
async def test_invalid_code_is_rejected(code: str, message: str) -> None:
    async with serving(build_worker, ScriptedModel(), **PLUGIN_OPTIONS):
        error = await failure_of(main(code))
    assert error.type == "InvalidInput"
    assert message in error.message
    assert len(code) in (1, MAX_CODE_LENGTH + 1)
