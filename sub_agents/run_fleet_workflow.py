"""Start FleetWorkflow, show its progress, and print what failed."""

from durable_agents import InvalidInput, connect, run

import time
from typing import Annotated
from uuid import uuid4

from typer import BadParameter, Option

from sub_agents import TASK_QUEUE
from sub_agents.display import follow_fleet, report_lines
from sub_agents.fleet import check_size
from sub_agents.models import FleetState
from sub_agents.workflows.fleet import FleetWorkflow


async def main(
    items: int = 40, *, window: int = 20, per_run: Annotated[int, Option(min=1, max=150)] = 100
) -> None:
    """Summarize ITEMS support tickets, --window at a time, up to --per-run per workflow run."""
    try:
        check_size(items, window)
    except InvalidInput as error:
        raise BadParameter(error.message) from None
    client = await connect()
    start = time.monotonic()
    handle = await client.start_workflow(
        FleetWorkflow.run,
        args=[items, window, FleetState(items_per_run=per_run)],
        id=f"sub-agents-fleet-{uuid4().hex[:8]}",
        task_queue=TASK_QUEUE,
    )
    report = await follow_fleet(handle)
    print("\n".join(report_lines(report, time.monotonic() - start)))


if __name__ == "__main__":
    run(main)
