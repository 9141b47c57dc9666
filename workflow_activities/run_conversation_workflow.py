"""Starts ConversationWorkflow, sends it messages, and shows what the workflow does about them."""

from durable_agents import connect, root_cause, run, update_reliably

from uuid import uuid4

import typer
from temporalio.client import WorkflowUpdateFailedError
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from workflow_activities import TASK_QUEUE
from workflow_activities.models import TASK_ID, problem_with
from workflow_activities.watching import Handle, events_until_closed, failures_shown
from workflow_activities.workflows.conversation import ConversationWorkflow

MESSAGES = [
    "The bakery opens on 3 June in Lyon.",
    "We need 40 chairs, and 12 are there.",
    "When does the bakery open?",
    "How many chairs do we need?",
]


async def say(handle: Handle, text: str) -> WorkflowUpdateFailedError | None:
    """Send a message and print the reply. A failed turn is returned: the conversation continues."""
    print(f"> {text}")
    try:
        print(await update_reliably(handle, ConversationWorkflow.send_message, text))
    except WorkflowUpdateFailedError as failure:
        print(f"No reply. {root_cause(failure)}")
        return failure
    return None


async def main(*, message: list[str] | None = None, task_id: str = "") -> None:
    """Talk with the notetaker of a task; print its replies, what follows them, and the report."""
    client = await connect()
    if task_id and not TASK_ID.fullmatch(task_id):
        raise typer.BadParameter("letters, digits, '_', '.', '-'", param_hint="--task-id")
    for problem in filter(None, map(problem_with, message or [])):
        raise typer.BadParameter(problem, param_hint="--message")
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
