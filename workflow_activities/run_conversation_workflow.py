"""Starts ConversationWorkflow, sends it messages, and shows the steps that follow each turn."""

from durable_agents import InvalidInput, connect, require_text, run, update_reliably

from uuid import uuid4

import typer
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from workflow_activities import TASK_QUEUE
from workflow_activities.client import events_until_closed, failures_shown, say
from workflow_activities.limits import MAX_MESSAGE_LENGTH
from workflow_activities.models import TASK_ID
from workflow_activities.workflows.conversation import ConversationWorkflow

MESSAGES = [
    "The bakery opens on 3 June in Lyon.",
    "We need 40 chairs, and 12 are there.",
    "When does the bakery open?",
    "How many chairs do we need?",
]


async def main(*, message: list[str] | None = None, task_id: str = "") -> None:
    """Talk to the notetaker of a task; print replies, the steps that follow them, and a report."""
    client = await connect()
    if task_id and not TASK_ID.fullmatch(task_id):
        raise typer.BadParameter("1 to 100 letters, digits, '_', '.', '-'", param_hint="--task-id")
    try:
        for text in message or []:
            require_text(text, "text", max_length=MAX_MESSAGE_LENGTH)
    except InvalidInput as error:
        raise typer.BadParameter(error.message, param_hint="--message") from None
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
        raise typer.BadParameter("this conversation has ended", param_hint="--task-id") from None
    async with failures_shown(handle):
        failures = [await say(handle, text) for text in message or MESSAGES]
        await update_reliably(handle, ConversationWorkflow.end_conversation)
        async for event in events_until_closed(handle):
            print(f"{event.kind} {event.number}: {event.outcome}, {event.detail}")
        print("report:", (await handle.result()).model_dump_json(indent=2))
    for failure in filter(None, failures):
        raise failure


if __name__ == "__main__":
    run(main)
