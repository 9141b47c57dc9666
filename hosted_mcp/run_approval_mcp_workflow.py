"""Starts ApprovalMCPWorkflow, asks you about each call of a tool, and prints the answer."""

import asyncio
import sys
from typing import Annotated
from uuid import uuid4

import typer
from temporalio.client import WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode

from durable_agents import connect, run
from hosted_mcp import PLUGIN_OPTIONS, TASK_QUEUE
from hosted_mcp.models import PendingApproval
from hosted_mcp.workflows.approval_mcp import ApprovalMCPWorkflow


def decision_on(request: PendingApproval, approve: bool | None) -> bool:
    """Return what was decided beforehand, or what the person at the terminal says."""
    print(f"The model wants to call {request.tool} with {request.arguments}")
    if approve is None and sys.stdin.isatty():
        return typer.confirm("Allow it?")
    print("Approved." if approve else "Rejected.")
    return bool(approve)


async def pending(handle: WorkflowHandle[ApprovalMCPWorkflow, str]) -> list[PendingApproval]:
    """Return what waits for a decision; nothing while no worker is up to tell."""
    try:
        return await handle.query(ApprovalMCPWorkflow.get_pending_approvals)
    except RPCError as error:
        if error.status is not RPCStatusCode.CANCELLED:  # what the client calls its timeout
            raise
    return []


async def main(
    question: str = "How does the sandbox of temporalio/sdk-python treat imports?",
    server_url: str = "https://gitmcp.io/temporalio/sdk-python",
    *,
    approve: Annotated[bool | None, typer.Option("--approve/--reject")] = None,
) -> None:
    """Ask what an MCP server can find out, deciding on each call; unasked, none is allowed."""
    client = await connect(**PLUGIN_OPTIONS)
    handle = await client.start_workflow(
        ApprovalMCPWorkflow.run,
        args=[question, server_url],
        id=f"hosted-mcp-approval-mcp-{uuid4().hex[:8]}",
        task_queue=TASK_QUEUE,
    )
    answer = asyncio.ensure_future(handle.result())
    while not (await asyncio.wait([answer], timeout=0.2))[0]:
        for call in await pending(handle):
            decided = [call.request_id, decision_on(call, approve)]
            await handle.execute_update(ApprovalMCPWorkflow.decide, args=decided)
    print(await answer)


if __name__ == "__main__":
    run(main)
