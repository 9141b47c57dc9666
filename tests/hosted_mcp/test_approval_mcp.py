"""A person decides on calls of a remote tool; who is not asked, or too late, has said no."""

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
from tests.hosted_mcp.approvals import Handle, decisions, pending, script, start
from tests.support import failure_of, serving


class Terminal(io.StringIO):
    """Standard input with a person at it."""

    def isatty(self) -> bool:
        return True


async def refusal_of(handle: Handle, request_id: str) -> str:
    """Return why a decision is rejected."""
    with pytest.raises(WorkflowUpdateFailedError) as failure:
        await handle.execute_update(ApprovalMCPWorkflow.decide, args=[request_id, True])
    cause = failure.value.cause
    assert isinstance(cause, ApplicationError)
    assert cause.type == "InvalidInput"
    return cause.message


@pytest.mark.parametrize(
    ("flag", "typed", "approved"),
    [(True, "", True), (False, "", False), (None, "y\n", True), (None, "\n", False)],
)
async def test_the_decision_reaches_the_model(
    flag: bool | None,
    typed: str,
    approved: bool,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(typed))
    model = script("a")
    async with serving(build_worker, model, **PLUGIN_OPTIONS):
        await main(approve=flag)
    shown = capsys.readouterr().out
    assert shown.startswith("The model wants to call search with {}\n")
    assert shown.endswith("Done.\n")
    model.assert_complete()
    assert decisions(model.calls[1]) == [("a", approved, None)]


async def test_without_anyone_to_ask_nothing_is_allowed() -> None:
    model = script("a")
    async with serving(build_worker, model, **PLUGIN_OPTIONS):
        await main()
    assert decisions(model.calls[1]) == [("a", False, None)]


async def test_a_decision_on_nothing_pending_is_rejected_unrecorded() -> None:
    model = script("a", "b")
    async with serving(build_worker, model, **PLUGIN_OPTIONS) as client:
        handle = await start(client)
        assert [request.request_id for request in await pending(handle, 2)] == ["a", "b"]
        assert "get_pending_approvals has them all" in await refusal_of(handle, "c")
        await handle.execute_update(ApprovalMCPWorkflow.decide, args=["a", True])
        assert "has been decided on" in await refusal_of(handle, "a")
        await handle.execute_update(ApprovalMCPWorkflow.decide, args=["b", False])
        assert await handle.result() == "Done."
        history = await handle.fetch_history()
    assert decisions(model.calls[1]) == [("a", True, None), ("b", False, None)]
    kinds = [event.event_type for event in history.events]
    assert kinds.count(EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED) == 2


@pytest.mark.parametrize(
    ("question", "server_url", "says"),
    [("", "https://example.com", "question is empty"), ("How?", "ftp://x", "https://")],
)
async def test_bad_input_fails(question: str, server_url: str, says: str) -> None:
    async with serving(build_worker, ScriptedModel(), **PLUGIN_OPTIONS):
        error = await failure_of(main(question, server_url))
    assert error.type == "InvalidInput"
    assert says in error.message
