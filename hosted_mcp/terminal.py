"""Decide on pending approvals at a terminal, or by a command-line option."""

from durable_agents import WorkflowClosed, query_if_available, update_reliably

import asyncio
import sys

import typer
from temporalio.client import WorkflowHandle, WorkflowUpdateFailedError

from hosted_mcp.models import PendingApproval
from hosted_mcp.workflows.approval_mcp import ApprovalMCPWorkflow

POLL_INTERVAL = 0.2  # seconds

Handle = WorkflowHandle[ApprovalMCPWorkflow, str]


async def decide_until_done(handle: Handle, approve: bool | None, by: str | None) -> str:
    """Decide on each call that becomes pending, and return the result of the workflow.

    Args:
        handle: The workflow.
        approve: The decision. None asks at the terminal, and rejects if there is none.
        by: The name of the person who decides.
    """
    result = asyncio.ensure_future(handle.result())
    while not (await asyncio.wait([result], timeout=POLL_INTERVAL))[0]:
        await _decide_pending(handle, approve, by)
    return await result


async def _decide_pending(handle: Handle, approve: bool | None, by: str | None) -> None:
    pending = await query_if_available(handle, ApprovalMCPWorkflow.get_pending_approvals)
    for call in pending or []:
        approved = _is_approved(call, approve)
        try:
            await update_reliably(handle, ApprovalMCPWorkflow.decide, call.request_id, approved, by)
        except WorkflowClosed:
            print("Too late: the workflow has finished.")
        except WorkflowUpdateFailedError as error:
            print(f"Decision not accepted: {error.cause}")


def _is_approved(call: PendingApproval, approve: bool | None) -> bool:
    print(f"The model wants to call {call.tool} with {call.arguments}")
    if approve is None and sys.stdin.isatty():
        return typer.confirm("Approve?")
    print("Approved." if approve else "Rejected.")
    return bool(approve)
