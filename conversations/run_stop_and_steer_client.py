"""Sends SteerableChatWorkflow a second message during a turn, in each mode, and stops a turn."""

from durable_agents import connect, run

from typing import Annotated
from uuid import uuid4

from typer import Option

from conversations import TASK_QUEUE
from conversations.steering import SteerableState, WhileBusy
from conversations.steering_client import demonstrate
from conversations.workflows.stop_and_steer import SteerableChatWorkflow


async def main(
    first: str = "Watch the load for 2 seconds, then benchmark hashing for 1 second.",
    second: str = "Skip the benchmark. What is the load now?",
    *,
    while_busy: Annotated[WhileBusy | None, Option(help="Show only this mode.")] = None,
) -> None:
    """Send FIRST, and SECOND while a tool runs, in each mode; then stop a turn."""
    client = await connect()
    handle = await client.start_workflow(
        SteerableChatWorkflow.run,
        SteerableState(),
        id=f"conversations-stop-and-steer-{uuid4().hex[:8]}",
        task_queue=TASK_QUEUE,
    )
    await demonstrate(handle, first, second, while_busy)


if __name__ == "__main__":
    run(main)
