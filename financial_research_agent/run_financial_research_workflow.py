"""Starts FinancialResearchWorkflow or follows one; shows its progress and saves the report."""

from durable_agents import connect, run

from pathlib import Path
from uuid import uuid4

from temporalio.client import WorkflowHandle

from financial_research_agent import TASK_QUEUE
from financial_research_agent.workflows.financial_research import FinancialResearchWorkflow
from research_bot.pipeline.display import follow
from research_bot.pipeline.saving import check_output, save


async def main(
    query: str = "How are the makers of cargo bikes doing?",
    *,
    output: Path = Path("reports"),
    workflow_id: str | None = None,
) -> None:
    """Analyze QUERY, or follow WORKFLOW_ID; save the report in OUTPUT, a folder or a .md file."""
    check_output(output)
    client = await connect()
    if not workflow_id:
        workflow_id = f"financial-research-{uuid4().hex[:8]}"
        await client.start_workflow(
            FinancialResearchWorkflow.run, query, id=workflow_id, task_queue=TASK_QUEUE
        )
        print(f"Ctrl-C keeps it running. To reconnect: --workflow-id {workflow_id}")
    handle: WorkflowHandle[FinancialResearchWorkflow, str]
    handle = client.get_workflow_handle_for(FinancialResearchWorkflow.run, workflow_id)
    report, progress = await follow(handle, FinancialResearchWorkflow.get_progress)
    print(f"Saved {save(report, output, progress.query, handle.id)}")


if __name__ == "__main__":
    run(main)
