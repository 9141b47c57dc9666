"""Talks to customer service: as a chat at a terminal, or message by message in a script."""

from durable_agents import connect, run

import sys
from typing import Annotated
from uuid import uuid4

import typer
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from customer_service import TASK_QUEUE
from customer_service.client import Chat, Handle, send_all, talk
from customer_service.errors import ConversationEnded
from customer_service.models import ConversationState
from customer_service.workflows.customer_service import CustomerServiceWorkflow

NO_MESSAGES = "No messages: use a terminal, --message, or standard input. See --help."


async def start_or_join(client: Client, conversation_id: str) -> tuple[Handle, bool]:
    """Return the conversation with this id, started if it is new, and whether it is open."""
    try:
        handle = await client.start_workflow(
            CustomerServiceWorkflow.run,
            ConversationState(),
            id=conversation_id,
            task_queue=TASK_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
        )
    except WorkflowAlreadyStartedError:
        return client.get_workflow_handle_for(CustomerServiceWorkflow.run, conversation_id), False
    return handle, True


async def main(
    *,
    conversation_id: Annotated[str | None, typer.Option(help="Join this conversation.")] = None,
    message: Annotated[list[str] | None, typer.Option(help="Send this; repeatable.")] = None,
    end: Annotated[bool, typer.Option("--end", help="End the conversation afterwards.")] = False,
) -> None:
    """Talk to an airline's customer service.

    Starts a conversation, or joins one from any number of terminals. The conversation continues
    when you leave, and when the service restarts.
    """
    at_terminal = sys.stdin.isatty() and not message and not end
    messages = message or ([] if sys.stdin.isatty() else sys.stdin.read().splitlines())
    messages = [text for text in messages if text.strip()]
    if not (at_terminal or messages or end or conversation_id):
        print(NO_MESSAGES)
        return
    id = conversation_id or f"customer-service-{uuid4().hex[:8]}"
    handle, is_open = await start_or_join(await connect(), id)
    chat = Chat(handle)
    if not conversation_id:
        chat.show(f"New conversation. To join it from another terminal: --conversation-id {id}")
    await chat.catch_up()
    if is_open and at_terminal:
        await talk(chat)
    elif is_open:
        try:
            await send_all(chat, messages, end=end)
        except ConversationEnded:
            await chat.end()
            sys.exit("The conversation ended before all messages were sent.")
    else:
        await chat.end()
        if messages:
            sys.exit("Nothing was sent: the conversation has ended. Start another.")


if __name__ == "__main__":
    run(main)
