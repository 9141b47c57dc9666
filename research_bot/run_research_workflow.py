"""Starts ResearchWorkflow or follows one; shows its progress and saves the report."""

from durable_agents import connect, run

from pathlib import Path
from uuid import uuid4

from temporalio.client import WorkflowHandle

from research_bot import TASK_QUEUE
from research_bot.pipeline.display import follow
from research_bot.pipeline.saving import check_output, save
from research_bot.workflows.research import ResearchWorkflow


async def main(
    query: str = "What is the case for night trains?",
    *,
    output: Path = Path("reports"),
    workflow_id: str | None = None,
) -> None:
    """Research QUERY, or follow WORKFLOW_ID; save the report in OUTPUT, a folder or a .md file."""
    check_output(output)
    client = await connect()
    if not workflow_id:
        workflow_id = f"research-bot-research-{uuid4().hex[:8]}"
        await client.start_workflow(
            ResearchWorkflow.run, query, id=workflow_id, task_queue=TASK_QUEUE
        )
        print(f"Ctrl-C keeps it running. To reconnect: --workflow-id {workflow_id}")
    handle: WorkflowHandle[ResearchWorkflow, str]
    handle = client.get_workflow_handle_for(ResearchWorkflow.run, workflow_id)
    report, progress = await follow(handle, ResearchWorkflow.get_progress)
    print(f"Saved {save(report, output, progress.query, handle.id)}")


if __name__ == "__main__":
    run(main)
