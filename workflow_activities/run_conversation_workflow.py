"""Starts ConversationWorkflow, sends it messages, and shows the steps that follow each turn."""

from durable_agents import connect, run

from uuid import uuid4

from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from workflow_activities import TASK_QUEUE
from workflow_activities.client import check_arguments, converse, ended_is_rejected
from workflow_activities.workflows.conversation import ConversationWorkflow

MESSAGES = [
    "The bakery opens on 3 June in Lyon.",
    "We need 40 chairs, and 12 are there.",
    "When does the bakery open?",
    "How many chairs do we need?",
]


async def main(*, message: list[str] | None = None, task_id: str = "") -> None:
    """Talk to the notetaker of a task; print replies, the steps that follow them, and a report."""
    check_arguments(message or [], task_id)
    client, task_id = await connect(), task_id or f"bakery-{uuid4().hex[:8]}"
    with ended_is_rejected():
        handle = await client.start_workflow(
            ConversationWorkflow.run,
            task_id,
            id=f"workflow-activities-conversation-{task_id}",
            task_queue=TASK_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
        )
    await converse(handle, message or MESSAGES)


if __name__ == "__main__":
    run(main)
