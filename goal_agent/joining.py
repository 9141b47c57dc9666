"""Join a conversation that is open."""

import typer
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from goal_agent.chat import Handle
from goal_agent.workflows.goal import AgentGoalWorkflow


async def joined(client: Client, conversation_id: str) -> Handle | None:
    """Return the open conversation with this id; None if the id is new.

    Raises:
        typer.BadParameter: The conversation has ended, or the id is another workflow's.
    """
    handle: Handle = client.get_workflow_handle_for(AgentGoalWorkflow.run, conversation_id)
    try:
        found = await handle.describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise
    if found.workflow_type != AgentGoalWorkflow.__name__:
        raise typer.BadParameter(
            f"{conversation_id} is not a conversation but {found.workflow_type}"
        )
    if found.status is not WorkflowExecutionStatus.RUNNING:
        raise typer.BadParameter(
            f"conversation {conversation_id} has ended; "
            "leave out --conversation-id to start a new one"
        )
    return handle
