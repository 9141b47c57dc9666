"""Decisions at the terminal: they are attributed, and late ones are reported."""

from durable_agents import update_reliably

from collections.abc import Awaitable, Callable

import pytest
from agents.testing import ScriptedModel, assistant_message

from hosted_mcp import PLUGIN_OPTIONS, terminal
from hosted_mcp.run_approval_mcp_workflow import main
from hosted_mcp.run_worker import build_worker, warn_about_missing_credentials
from tests.harness.workers import serving
from tests.hosted_mcp.approvals import Handle, approval_request, decisions, script, wait_for_pending

TIMED_OUT = "(search was rejected: no decision in time.)"


def send_after(
    moment: Callable[[Handle], Awaitable[object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Delay the starter's first decision until the workflow reaches `moment`."""
    moments = [moment]

    async def send(handle: Handle, *decision: object) -> object:
        if moments:
            await moments.pop()(handle)
        return await update_reliably(handle, *decision)  # type: ignore[arg-type]

    monkeypatch.setattr(terminal, "update_reliably", send)


async def test_result_names_who_decided(capsys: pytest.CaptureFixture[str]) -> None:
    model = script("a", "b")
    async with serving(build_worker, model, **PLUGIN_OPTIONS):
        await main(approve=True, by="Ada")
    assert capsys.readouterr().out.splitlines()[-3:] == ["Done."] + 2 * [
        "(search was approved by Ada.)"
    ]


async def test_decision_after_completion_keeps_the_result(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    send_after(Handle.result, monkeypatch)
    async with serving(build_worker, script("a"), **PLUGIN_OPTIONS):
        await main(approve=True, decision_timeout=1)
    assert capsys.readouterr().out.splitlines()[-3:] == [
        "Too late: the workflow has finished.",
        "Done.",
        TIMED_OUT,
    ]


async def test_decision_after_its_timeout_is_rejected_and_the_next_is_accepted(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def next_is_pending(handle: Handle) -> None:
        while [call.request_id for call in await wait_for_pending(handle, 0)] != ["b"]:
            pass

    send_after(next_is_pending, monkeypatch)
    model = ScriptedModel(
        [[approval_request("a")], [approval_request("b")], [assistant_message("Done.")]]
    )
    async with serving(build_worker, model, **PLUGIN_OPTIONS):
        await main(approve=True, by="Ada", decision_timeout=1)
    shown = capsys.readouterr().out.splitlines()
    assert "was already rejected: no decision in time" in shown[2]
    assert shown[-3:] == ["Done.", TIMED_OUT, "(search was approved by Ada.)"]
    assert decisions(model.calls[2])[-1] == ("b", True, None)


@pytest.mark.parametrize("token", [None, "", " "])
def test_worker_warns_about_a_missing_credential(
    token: str | None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if token is None:
        monkeypatch.delenv("GITHUB_MCP_TOKEN", raising=False)
    else:
        monkeypatch.setenv("GITHUB_MCP_TOKEN", token)
    warn_about_missing_credentials()
    [line] = capsys.readouterr().err.splitlines()
    assert (
        line
        == "GITHUB_MCP_TOKEN is not set: calls to api.githubcopilot.com will have no credential"
    )


def test_worker_prints_nothing_when_credentials_are_set(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_MCP_TOKEN", "ghp-any")
    warn_about_missing_credentials()
    assert capsys.readouterr().err == ""
