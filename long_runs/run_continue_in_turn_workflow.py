"""Start ContinueInTurnWorkflow and print what it did over all of its runs."""

from durable_agents import connect, run

from uuid import uuid4

from long_runs import TASK_QUEUE
from long_runs.workflows.continue_in_turn import ContinueInTurnWorkflow


async def main(items: int = 20) -> None:
    """Inspect the bridges of ITEMS reports in one turn."""
    client = await connect()
    report = await client.execute_workflow(
        ContinueInTurnWorkflow.run,
        args=[items, None],
        id=f"long-runs-continue-in-turn-{uuid4().hex[:8]}",
        task_queue=TASK_QUEUE,
    )
    print(report.answer)
    print(f"Urgent: {report.urgent}")
    print(f"{report.runs} runs, {report.turns} turns, {report.tokens:,} tokens")


if __name__ == "__main__":
    run(main)
