"""A person decides on each remote tool call; decisions are validated and recorded."""

import io

import pytest
from agents.testing import ScriptedModel
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from hosted_mcp import PLUGIN_OPTIONS
from hosted_mcp.run_approval_mcp_workflow import main
from hosted_mcp.run_worker import build_worker
from hosted_mcp.workflows.approval_mcp import ApprovalMCPWorkflow
from tests.harness.workers import failure_of, serving
from tests.hosted_mcp.approvals import Handle, decisions, script, start, wait_for_pending


class Terminal(io.StringIO):
    """Standard input that is a terminal."""

    def isatty(self) -> bool:
        return True


async def rejection_of(handle: Handle, request_id: str, *by: str) -> str:
    """Return the reason why the workflow rejects a decision."""
    with pytest.raises(WorkflowUpdateFailedError) as failure:
        await handle.execute_update(ApprovalMCPWorkflow.decide, args=[request_id, True, *by])
    cause = failure.value.cause
    assert isinstance(cause, ApplicationError)
    assert cause.type == "InvalidInput"
    return cause.message


@pytest.mark.parametrize(
    ("option", "typed", "approved"),
    [(True, "", True), (False, "", False), (None, "y\n", True), (None, "\n", False)],
)
async def test_decision_is_sent_to_the_model(
    option: bool | None,
    typed: str,
    approved: bool,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(typed))
    model = script("a")
    async with serving(build_worker, model, **PLUGIN_OPTIONS):
        await main(approve=option)
    shown = capsys.readouterr().out
    assert shown.startswith("The model wants to call search with {}\n")
    assert shown.endswith(f"Done.\n(search was {'approved' if approved else 'rejected'}.)\n")
    model.assert_complete()
    assert decisions(model.calls[1]) == [("a", approved, None)]


async def test_calls_are_rejected_without_a_terminal() -> None:
    model = script("a")
    async with serving(build_worker, model, **PLUGIN_OPTIONS):
        await main()
    assert decisions(model.calls[1]) == [("a", False, None)]


async def test_invalid_decision_is_rejected_and_leaves_no_event() -> None:
    model = script("a", "b")
    async with serving(build_worker, model, **PLUGIN_OPTIONS) as client:
        handle = await start(client)
        assert [request.request_id for request in await wait_for_pending(handle, 2)] == ["a", "b"]
        assert "is not pending; see get_pending_approvals" in await rejection_of(handle, "c")
        await handle.execute_update(ApprovalMCPWorkflow.decide, args=["a", True, "Ada"])
        assert "was already approved by Ada" in await rejection_of(handle, "a")
        assert "by must be at most 100 printable" in await rejection_of(handle, "b", "x" * 101)
        assert "by must be at most 100 printable" in await rejection_of(
            handle, "b", "Ada\n(forged)"
        )
        await handle.execute_update(ApprovalMCPWorkflow.decide, args=["b", False])
        done, *record = (await handle.result()).splitlines()
        history = await handle.fetch_history()
    assert (done, sorted(record)) == (
        "Done.",
        ["(search was approved by Ada.)", "(search was rejected.)"],
    )
    assert decisions(model.calls[1]) == [("a", True, None), ("b", False, None)]
    kinds = [event.event_type for event in history.events]
    assert kinds.count(EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED) == 2


@pytest.mark.parametrize(
    ("question", "server_url", "seconds", "message"),
    [
        ("", "https://example.com", 1, "question is empty"),
        ("How?", "ftp://x", 1, "https://"),
        ("How?", "https://example.com", 0, "decision_timeout is 0:00:00; it must be positive"),
        ("How?", "https://example.com", -1, "at most 365 days"),
        ("How?", "https://example.com", 400 * 24 * 3600, "decision_timeout is 400 days"),
    ],
)
async def test_invalid_input_fails(
    question: str, server_url: str, seconds: int, message: str
) -> None:
    async with serving(build_worker, ScriptedModel(), **PLUGIN_OPTIONS):
        error = await failure_of(main(question, server_url, decision_timeout=seconds))
    assert error.type == "InvalidInput"
    assert message in error.message
