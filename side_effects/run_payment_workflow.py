"""Start PaymentWorkflow, decide on second payments, and print the report."""

from durable_agents import connect, run

from typing import Annotated
from uuid import uuid4

from typer import Option

from side_effects import TASK_QUEUE
from side_effects.terminal import decide_until_done, show
from side_effects.workflows.payment import PaymentWorkflow


async def main(
    request: str = "Pay Ada 10 euros for lunch, then Ada Lovelace 10.00 EUR for dinner.",
    *,
    allow: Annotated[bool | None, Option("--allow/--refuse", help="Decide without asking.")] = None,
    by: Annotated[str, Option(envvar=["USER", "USERNAME"], help="Your name.")] = "someone",
) -> None:
    """Make the payments of REQUEST. Without a terminal, refuse every second payment."""
    handle = await (await connect()).start_workflow(
        PaymentWorkflow.run,
        request,
        id=f"side-effects-payment-{uuid4().hex[:8]}",
        task_queue=TASK_QUEUE,
    )
    show(await decide_until_done(handle, allow, by))


if __name__ == "__main__":
    run(main)
