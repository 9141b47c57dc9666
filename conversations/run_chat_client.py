"""Chats with a gardening advisor, at a terminal or in a script, and resumes a chat by its id."""

from durable_agents import connect, run

from contextlib import suppress
from typing import Annotated
from uuid import uuid4

from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from typer import Option

from conversations import TASK_QUEUE
from conversations.client import ChatClient, converse
from conversations.workflows.chat import ChatWorkflow


async def main(
    *,
    conversation_id: Annotated[str | None, Option(help="Resume this chat.")] = None,
    message: Annotated[list[str] | None, Option(help="Send this; repeatable.")] = None,
    end: Annotated[bool, Option("--end", help="End the chat afterwards.")] = False,
) -> None:
    """Chat with a gardening advisor. Without a terminal, send the lines of standard input."""
    client, id = await connect(), conversation_id or f"chat-{uuid4().hex[:8]}"
    with suppress(WorkflowAlreadyStartedError):  # the chat has ended
        await client.start_workflow(
            ChatWorkflow.run,
            None,  # no state: a new chat
            id=id,
            task_queue=TASK_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
        )
    chat = ChatClient(client.get_workflow_handle_for(ChatWorkflow.run, id))
    await converse(chat, message or [], end=end)


if __name__ == "__main__":
    run(main)
