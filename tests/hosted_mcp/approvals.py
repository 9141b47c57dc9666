"""A scripted model that requests approvals, and helpers to start and observe the workflow."""

from datetime import timedelta
from uuid import uuid4

from agents.testing import ModelCall, ScriptedModel, assistant_message
from openai.types.responses.response_output_item import McpApprovalRequest
from temporalio.client import Client, WorkflowHandle

from hosted_mcp import TASK_QUEUE
from hosted_mcp.models import PendingApproval
from hosted_mcp.workflows.approval_mcp import ApprovalMCPWorkflow

Handle = WorkflowHandle[ApprovalMCPWorkflow, str]


def approval_request(id: str) -> McpApprovalRequest:
    return McpApprovalRequest(
        id=id, type="mcp_approval_request", server_label="server", name="search", arguments="{}"
    )


def script(*ids: str) -> ScriptedModel:
    """Return a model that requests one approval per id, and then answers."""
    return ScriptedModel([[approval_request(id) for id in ids], [assistant_message("Done.")]])


def decisions(call: ModelCall) -> list[tuple[object, object, object]]:
    """Return the decisions in the input of a model call: id, approval, reason."""
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


async def wait_for_pending(handle: Handle, count: int) -> list[PendingApproval]:
    """Return the pending approvals as soon as there are at least `count`."""
    while True:
        found = await handle.query(ApprovalMCPWorkflow.get_pending_approvals)
        if len(found) >= count:
            return found
