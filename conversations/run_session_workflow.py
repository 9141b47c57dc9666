"""Start SessionWorkflow with each place for the conversation, and compare the histories."""

from durable_agents import connect, run

from typing import Annotated
from uuid import uuid4

from typer import Option

from conversations import TASK_QUEUE
from conversations.session_report import PLACES, print_report
from conversations.workflows.session import Place, SessionWorkflow

QUESTIONS = ["Why is the sky blue?", "And why is it red in the evening?", "Is it blue on Mars?"]


async def main(
    questions: list[str] | None = None,
    *,
    place: Annotated[Place | None, Option(help="Use only this place.")] = None,
    repeat: Annotated[int, Option(min=1, help="Times to ask the questions.")] = 1,
) -> None:
    """Ask QUESTIONS in one conversation, in each place; print the answers and the histories."""
    client, handles = await connect(), {}
    for each in [place] if place else PLACES:
        handles[each] = await client.start_workflow(
            SessionWorkflow.run,
            args=[(questions or QUESTIONS) * repeat, each],
            id=f"conversations-session-{uuid4().hex[:8]}",
            task_queue=TASK_QUEUE,
        )
    await print_report(handles)


if __name__ == "__main__":
    run(main)
