"""Start LongTurnWorkflow and print how its history grew."""

from durable_agents import InvalidInput, connect, run

from uuid import uuid4

import typer

from long_runs.history_size import check_turn, table
from long_runs.models import Technique
from long_runs.techniques import DEFAULT, connect_options, task_queue
from long_runs.workflows.long_turn import LongTurnWorkflow


async def main(calls: int = 20, *, technique: Technique = DEFAULT, context: int = 0) -> None:
    """Read CALLS reports in one turn, after an earlier conversation of --context tokens."""
    try:
        check_turn(calls, technique, context)
    except InvalidInput as error:
        raise typer.BadParameter(error.message) from None
    client = await connect(**connect_options(technique))
    report = await client.execute_workflow(
        LongTurnWorkflow.run,
        args=[calls, technique, context],
        id=f"long-runs-long-turn-{uuid4().hex[:8]}",
        task_queue=task_queue(technique),
    )
    print(report.answer)
    print("\nHistory:")
    for line in table(report, context):
        print(line)


if __name__ == "__main__":
    run(main)
