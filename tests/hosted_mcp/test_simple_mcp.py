"""A hosted MCP tool: the provider receives the credential, and the history does not."""

import pytest
from agents import HostedMCPTool, OpenAIProvider
from agents.testing import ScriptedModel, assistant_message
from openai import AsyncOpenAI

from hosted_mcp import PLUGIN_OPTIONS
from hosted_mcp.run_simple_mcp_workflow import main
from hosted_mcp.run_worker import build_worker
from offline_model.server import OfflineModel
from sample_cli.catalog import find
from tests.harness.starters import start_all
from tests.harness.workers import failure_of, serving

TOKEN = "ghp-never-in-history"
GITHUB = "https://api.githubcopilot.com/mcp/"


async def test_provider_receives_the_server_settings(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_MCP_TOKEN", TOKEN)
    model = ScriptedModel([[assistant_message("Number 300.")]])
    async with serving(build_worker, model, **PLUGIN_OPTIONS):
        await main("Which issues?", GITHUB)
    assert capsys.readouterr().out == "Number 300.\n"
    [call] = model.calls
    [tool] = call.tools
    assert isinstance(tool, HostedMCPTool)
    assert tool.tool_config.get("server_url") == GITHUB
    assert tool.tool_config.get("require_approval") == "never"
    assert tool.tool_config.get("authorization") == TOKEN


async def test_other_server_does_not_receive_the_credential(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GITHUB_MCP_TOKEN", TOKEN)
    model = ScriptedModel([[assistant_message("No.")]])
    async with serving(build_worker, model, **PLUGIN_OPTIONS):
        await main("Which issues?", "https://api.githubcopilot.com.example/mcp/")
    [tool] = model.calls[0].tools
    assert isinstance(tool, HostedMCPTool)
    assert "authorization" not in tool.tool_config


async def test_credential_reaches_the_provider_but_not_the_history(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GITHUB_MCP_TOKEN", TOKEN)
    with OfflineModel() as server:
        async with AsyncOpenAI(
            base_url=server.base_url, api_key="sk-never-in-history", max_retries=0
        ) as client:
            provider = OpenAIProvider(openai_client=client)
            options = {"model_provider": provider, **PLUGIN_OPTIONS}
            async with serving(build_worker, ScriptedModel(), **options) as temporal:
                outcome = await start_all([find("hosted_mcp/simple_mcp")], temporal)
    outcome.assert_completed()
    assert server.calls[0].body["tools"][0]["authorization"] == TOKEN
    raw = b"".join(event.SerializeToString() for event in outcome.runs[0].history.events)
    assert b"GITHUB_MCP_TOKEN" in raw
    assert b"never-in-history" not in raw


@pytest.mark.parametrize(
    ("question", "server_url", "message"),
    [
        (" ", GITHUB, "question is empty"),
        ("Which?", "http://api.githubcopilot.com/mcp/", "must be an https:// URL"),
        ("Which?", "https:///mcp", "must be an https:// URL"),
        ("Which?", "https://[::1/mcp", "server_url is not a URL"),
        ("Which?", "https://me:secret@example.com/mcp", "contains a credential"),
    ],
)
async def test_invalid_input_fails(question: str, server_url: str, message: str) -> None:
    async with serving(build_worker, ScriptedModel(), **PLUGIN_OPTIONS):
        error = await failure_of(main(question, server_url))
    assert error.type == "InvalidInput"
    assert message in error.message
    assert "secret" not in error.message
