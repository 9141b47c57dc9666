"""Chats with a storyteller at a terminal, and prints its text while the model writes it."""

from durable_agents import connect, run

from contextlib import suppress
from typing import Annotated

import typer
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from streaming import TASK_QUEUE
from streaming.models import ChatState
from streaming.reader import new_chat_id
from streaming.terminal import TerminalChat
from streaming.workflows.stream import StreamingChatWorkflow


async def main(
    *,
    conversation_id: Annotated[str, typer.Option(help="Join this chat.")] = "",
    message: Annotated[list[str] | None, typer.Option(help="Send this; repeatable.")] = None,
    end: Annotated[bool, typer.Option("--end", help="End the chat afterwards.")] = False,
) -> None:
    """Chat with a storyteller, from one or more terminals. Without a terminal, print one story.

    The chat continues when you leave, and when its worker restarts.
    """
    id, client = conversation_id or new_chat_id(), await connect()
    reuse, state = WorkflowIDReusePolicy.REJECT_DUPLICATE, ChatState()
    with suppress(WorkflowAlreadyStartedError):  # joined, or read after its end
        await client.start_workflow(
            StreamingChatWorkflow.run, state, id=id, task_queue=TASK_QUEUE, id_reuse_policy=reuse
        )
    handle = client.get_workflow_handle_for(StreamingChatWorkflow.run, id)
    await TerminalChat(handle).run(message or [], end=end)


if __name__ == "__main__":
    run(main)
