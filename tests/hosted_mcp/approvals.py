"""A model that wants to make calls of a remote tool, and what it is told of the decisions."""

from datetime import timedelta
from uuid import uuid4

from agents.testing import ModelCall, ScriptedModel, assistant_message
from openai.types.responses.response_output_item import McpApprovalRequest
from temporalio.client import Client, WorkflowHandle

from hosted_mcp import TASK_QUEUE
from hosted_mcp.models import PendingApproval
from hosted_mcp.workflows.approval_mcp import ApprovalMCPWorkflow

Handle = WorkflowHandle[ApprovalMCPWorkflow, str]


def wish(id: str) -> McpApprovalRequest:
    return McpApprovalRequest(
        id=id, type="mcp_approval_request", server_label="server", name="search", arguments="{}"
    )


def script(*ids: str) -> ScriptedModel:
    """Return a model that wants to make calls, and then answers."""
    return ScriptedModel([[wish(id) for id in ids], [assistant_message("Done.")]])


def decisions(call: ModelCall) -> list[tuple[object, object, object]]:
    """Return what a model call was told of the person's decisions."""
    return [
        (item.get("approval_request_id"), item.get("approve"), item.get("reason"))
        for item in call.input
        if item.get("type") == "mcp_approval_response"
    ]


async def start(client: Client, *decision_timeout: timedelta) -> Handle:
    return await client.start_workflow(
        ApprovalMCPWorkflow.run,
        args=["How?", "https://example.com/mcp", *decision_timeout],
        id=f"test-{uuid4()}",
        task_queue=TASK_QUEUE,
    )


async def pending(handle: Handle, count: int) -> list[PendingApproval]:
    """Return the pending approvals once there are `count`."""
    while True:
        found = await handle.query(ApprovalMCPWorkflow.get_pending_approvals)
        if len(found) >= count:
            return found
