"""Talks to customer service: as a chat at a terminal, or message by message in a script."""

from durable_agents import connect, run

from contextlib import suppress
from typing import Annotated
from uuid import uuid4

from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from typer import Option

from customer_service import TASK_QUEUE
from customer_service.client import converse
from customer_service.workflows.customer_service import CustomerServiceWorkflow


async def main(
    *,
    conversation_id: Annotated[str | None, Option(help="Join this conversation.")] = None,
    message: Annotated[list[str] | None, Option(help="Send this; repeatable.")] = None,
    end: Annotated[bool, Option("--end", help="End the conversation afterwards.")] = False,
) -> None:
    """Talk to an airline's customer service: at a terminal, or with --message or lines of input."""
    client, id = await connect(), conversation_id or f"customer-service-{uuid4().hex[:8]}"
    with suppress(WorkflowAlreadyStartedError):  # the conversation has ended
        await client.start_workflow(
            CustomerServiceWorkflow.run,
            None,  # no state: a new conversation
            id=id,
            task_queue=TASK_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
        )
    handle = client.get_workflow_handle_for(CustomerServiceWorkflow.run, id)
    await converse(handle, message or [], end=end, is_new=not conversation_id)


if __name__ == "__main__":
    run(main)
