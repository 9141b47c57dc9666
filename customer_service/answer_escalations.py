"""The airline's side: lists the conversations that need a person, and answers in one of them."""

from durable_agents import connect, run

import re
import sys
from typing import Annotated

import typer
from temporalio.client import Client

from customer_service.client import Chat, send_all, talk
from customer_service.conversation import NEEDS_PERSON
from customer_service.models import PERSON_NAME
from customer_service.workflows.customer_service import CustomerServiceWorkflow


async def list_escalated(client: Client) -> None:
    """Print the ids of the conversations that need a person."""
    query = f"{NEEDS_PERSON.name} = true AND ExecutionStatus = 'Running'"
    ids = [found.id async for found in client.list_workflows(query)]
    print("\n".join(ids) or "No conversation needs a person.")


async def main(
    conversation_id: str | None = None,
    *,
    name: Annotated[str, typer.Option(help="Your name, as the customer sees it.")] = "Ada",
    message: Annotated[list[str] | None, typer.Option(help="Send this; repeatable.")] = None,
    hand_back: Annotated[
        bool, typer.Option("--hand-back", help="Then let the agents answer.")
    ] = False,
    end: Annotated[bool, typer.Option("--end", help="End the conversation afterwards.")] = False,
) -> None:
    """Answer in a conversation that needs a person; without an id, list those conversations."""
    if not re.fullmatch(PERSON_NAME, name):
        problem = "1 to 40 letters, digits, spaces, '_', '.', '-', or apostrophes"
        raise typer.BadParameter(problem, param_hint="--name")
    client = await connect()
    if not conversation_id:
        await list_escalated(client)
        return
    handle = client.get_workflow_handle_for(CustomerServiceWorkflow.run, conversation_id)
    chat = Chat(handle, name)
    await chat.catch_up()
    if sys.stdin.isatty() and not (message or hand_back or end):
        await talk(chat)
        return
    await send_all(chat, message or [])
    if hand_back:
        await chat.hand_back()
    if end:
        await chat.end()


if __name__ == "__main__":
    run(main)
