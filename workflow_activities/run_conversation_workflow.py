"""Starts ConversationWorkflow, sends it messages, and shows what the workflow does about them."""

from uuid import uuid4

import typer
from temporalio.client import WorkflowUpdateFailedError
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from durable_agents import connect, run
from workflow_activities import TASK_QUEUE
from workflow_activities.models import TASK_ID
from workflow_activities.watching import Handle, events_until_the_end
from workflow_activities.workflows.conversation import ConversationWorkflow

MESSAGES = [
    "The bakery opens on 3 June in Lyon.",
    "We need 40 chairs, and 12 are there.",
    "When does the bakery open?",
    "How many chairs do we need?",
]


async def say(handle: Handle, text: str) -> None:
    """Send a message and print what comes back. A turn that fails does not end a conversation."""
    try:
        reply = await handle.execute_update(ConversationWorkflow.send_message, text)
    except WorkflowUpdateFailedError as failure:
        reply = f"No reply. {failure.cause}"
    print(f"> {text}\n{reply}")


async def main(*, message: list[str] | None = None, task_id: str = "") -> None:
    """Talk with the notetaker of a task; print its replies, what follows them, and the report."""
    client = await connect()
    if task_id and not TASK_ID.fullmatch(task_id):
        raise typer.BadParameter("letters, digits, '_', '.', '-'", param_hint="--task-id")
    task_id = task_id or f"bakery-{uuid4().hex[:8]}"
    try:
        handle = await client.start_workflow(
            ConversationWorkflow.run,
            task_id,
            id=f"workflow-activities-conversation-{task_id}",
            task_queue=TASK_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
        )
    except WorkflowAlreadyStartedError:
        raise typer.BadParameter("its conversation has ended", param_hint="--task-id") from None
    for text in message or MESSAGES:
        await say(handle, text)
    await handle.execute_update(ConversationWorkflow.end_conversation)
    async for event in events_until_the_end(handle):
        print(f"{event.kind} {event.number}: {event.outcome}, {event.detail}")
    print("report:", (await handle.result()).model_dump_json(indent=2))


if __name__ == "__main__":
    run(main)
