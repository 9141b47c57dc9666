"""Decides on pending approvals at a terminal, or as an option says."""

from durable_agents.handles import WorkflowClosed, query_if_available, update_reliably

import sys

import typer
from temporalio.client import WorkflowHandle, WorkflowUpdateFailedError

from hosted_mcp.models import PendingApproval
from hosted_mcp.workflows.approval_mcp import ApprovalMCPWorkflow


async def decide_pending(
    handle: WorkflowHandle[ApprovalMCPWorkflow, str], approve: bool | None, by: str | None
) -> None:
    """Decide on each pending call. A decision that comes too late changes nothing, and says so."""
    pending = await query_if_available(handle, ApprovalMCPWorkflow.get_pending_approvals)
    for call in pending or []:
        decision = decision_on(call, approve)
        try:
            await update_reliably(handle, ApprovalMCPWorkflow.decide, call.request_id, decision, by)
        except WorkflowClosed:
            print("Too late: the workflow has ended.")
        except WorkflowUpdateFailedError as error:
            print(f"Not accepted: {error.cause}")


def decision_on(request: PendingApproval, approve: bool | None) -> bool:
    """Return what was decided beforehand, or what the person at the terminal says."""
    print(f"The model wants to call {request.tool} with {request.arguments}")
    if approve is None and sys.stdin.isatty():
        return typer.confirm("Allow it?")
    print("Approved." if approve else "Rejected.")
    return bool(approve)
