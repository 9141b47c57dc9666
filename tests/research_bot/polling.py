"""Starts a research run and polls its progress."""

from collections.abc import Callable
from uuid import uuid4

from temporalio.client import Client, WorkflowHandle

from research_bot import TASK_QUEUE
from research_bot.pipeline.progress import Progress
from research_bot.workflows.research import ResearchWorkflow

Handle = WorkflowHandle[ResearchWorkflow, str]


async def start(client: Client) -> Handle:
    return await client.start_workflow(
        ResearchWorkflow.run, "Why?", id=f"test-{uuid4().hex[:8]}", task_queue=TASK_QUEUE
    )


async def progress_once(handle: Handle, condition: Callable[[Progress], bool]) -> Progress:
    """Poll until the progress meets a condition; return it."""
    while True:
        progress = await handle.query(ResearchWorkflow.get_progress)
        if condition(progress):
            return progress
