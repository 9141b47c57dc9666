"""The airline's side: lists the conversations that need a person, and answers in one of them."""

from durable_agents import connect, run

import re
import sys
from typing import Annotated

import typer

from customer_service.client import Chat, talk
from customer_service.escalation import NEEDS_PERSON
from customer_service.models import PERSON_NAME
from customer_service.workflows.customer_service import CustomerServiceWorkflow


async def main(
    conversation_id: str | None = None,
    *,
    name: Annotated[str, typer.Option(help="Your name, as the customer sees it.")] = "Ada",
    message: Annotated[
        list[str] | None, typer.Option(help="Send this, or /back, or /end; repeatable.")
    ] = None,
) -> None:
    """Answer in a conversation that needs a person; without an id, list those conversations."""
    if not re.fullmatch(PERSON_NAME, name):
        problem = "1 to 40 letters, digits, spaces, '_', '.', '-', or apostrophes"
        raise typer.BadParameter(problem, param_hint="--name")
    client = await connect()
    if not conversation_id:
        query = f"{NEEDS_PERSON.name} = true AND ExecutionStatus = 'Running'"
        ids = [found.id async for found in client.list_workflows(query)]
        print("\n".join(ids) or "No conversation needs a person.")
        return
    handle = client.get_workflow_handle_for(CustomerServiceWorkflow.run, conversation_id)
    typed = sys.stdin.isatty() and not message
    await talk(Chat(handle, name, typed=typed), message or [])


if __name__ == "__main__":
    run(main)
