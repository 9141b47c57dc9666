"""Talks to customer service: at a terminal as a chat, from a script message by message."""

from durable_agents import connect, root_cause, run

import sys
from typing import Annotated
from uuid import uuid4

import typer
from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from customer_service import TASK_QUEUE
from customer_service.chat import Chat
from customer_service.display import Display
from customer_service.errors import ConversationEnded
from customer_service.messaging import Handle
from customer_service.models import ConversationState
from customer_service.terminal import Terminal
from customer_service.workflows.customer_service import CustomerServiceWorkflow

NOTHING_TO_SAY = (
    "Nothing to say: use a terminal, --message, or lines on standard input. See --help."
)


async def start_or_join(client: Client, conversation_id: str) -> Handle | None:
    """Return the conversation of this id, begun if there is none; None if it has ended."""
    try:
        return await client.start_workflow(
            CustomerServiceWorkflow.run,
            ConversationState(),
            id=conversation_id,
            task_queue=TASK_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
        )
    except WorkflowAlreadyStartedError:
        return None


async def send_all(chat: Chat, messages: list[str], *, end: bool) -> None:
    """Send messages one after the other, whatever becomes of each.

    Raises:
        ConversationEnded: Not all could be sent.
        WorkflowUpdateFailedError: The first one that failed, once the others have been sent.
    """
    failures = []
    for text in messages:
        try:
            await chat.get_through(text)
        except WorkflowUpdateFailedError as error:
            chat.display.note(f"Not answered: {text} ({root_cause(error)})")
            failures.append(error)
    if end:
        await chat.end()
    if failures:
        raise failures[0]


async def talk(chat: Chat) -> None:
    """Let a person talk, for as long as they like."""
    try:
        await Terminal(chat).talk()
    except EOFError:
        chat.display.note("You have left. The conversation stays open for half an hour.")
    except ConversationEnded:
        await chat.end()


async def main(
    *,
    conversation_id: Annotated[str | None, typer.Option(help="Join this conversation.")] = None,
    message: Annotated[list[str] | None, typer.Option(help="Say this; may be repeated.")] = None,
    end: Annotated[bool, typer.Option("--end", help="End the conversation at the end.")] = False,
) -> None:
    """Talk to the customer service of an airline.

    A new conversation is begun, or one is joined, from as many terminals as you like. It goes on
    when you leave, and when the service restarts.
    """
    at_terminal = sys.stdin.isatty() and not message and not end
    messages = message or ([] if sys.stdin.isatty() else sys.stdin.read().splitlines())
    messages = [text for text in messages if text.strip()]
    if not (at_terminal or messages or end or conversation_id):
        print(NOTHING_TO_SAY)
        return
    client, display = await connect(), Display()
    id = conversation_id or f"customer-service-{uuid4().hex[:8]}"
    if not conversation_id:
        display.note(f"New conversation. To join it from elsewhere: --conversation-id {id}")
    handle = await start_or_join(client, id)
    chat = Chat(handle or client.get_workflow_handle_for(CustomerServiceWorkflow.run, id), display)
    await chat.catch_up()
    if handle is None:
        await chat.end()
        if messages:
            sys.exit("Nothing was sent: begin another conversation.")
    elif at_terminal:
        await talk(chat)
    else:
        try:
            await send_all(chat, messages, end=end)
        except ConversationEnded:
            await chat.end()
            sys.exit("The conversation has ended before all was sent.")


if __name__ == "__main__":
    run(main)
