"""Start ApprovalsWorkflow, decide on each tool call, and print the answer and the decisions."""

from durable_agents import connect, run

from datetime import timedelta
from typing import Annotated
from uuid import uuid4

from typer import Option

from human_in_the_loop import TASK_QUEUE
from human_in_the_loop.terminal import decide_until_done
from human_in_the_loop.workflows.approvals import ApprovalsWorkflow


async def main(
    request: str = "Orders 1001 and 1002 arrived broken. Refund both, give Ada a voucher of 10%, "
    "and write to ada@example.org.",
    *,
    approve: Annotated[
        bool | None, Option("--approve/--reject", help="Decide on every call without asking.")
    ] = None,
    by: Annotated[str, Option(envvar=["USER", "USERNAME"], help="Your name.")] = "someone",
    decision_timeout: Annotated[float, Option(help="In seconds.")] = 7 * 24 * 3600.0,
) -> None:
    """Handle REQUEST. Without a terminal, edit large refunds, reject vouchers, approve the rest."""
    client = await connect()
    handle = await client.start_workflow(
        ApprovalsWorkflow.run,
        args=[request, timedelta(seconds=decision_timeout)],
        id=f"human-in-the-loop-approvals-{uuid4().hex[:8]}",
        task_queue=TASK_QUEUE,
    )
    print(await decide_until_done(handle, approve, by))


if __name__ == "__main__":
    run(main)
