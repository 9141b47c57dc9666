"""Start TripWorkflow, show what it books and undoes, and print the report."""

from durable_agents import connect, run, update_reliably

from typing import Annotated
from uuid import uuid4

from typer import Option

from side_effects import TASK_QUEUE
from side_effects.saga import Decision
from side_effects.trip_models import TripReport
from side_effects.trip_terminal import Handle, TripDisplay, show
from side_effects.workflows.trip import TripWorkflow

DECIDE = "Decide once, without asking, on each booking that could not be cancelled."


async def main(
    request: str = "Book a flight, a hotel, and a car in Bergen.",
    *,
    trip_id: Annotated[str | None, Option(help="Show this trip; start none.")] = None,
    stop: Annotated[bool, Option("--stop", help="Stop it, and undo its bookings.")] = False,
    decide: Annotated[Decision | None, Option(help=DECIDE)] = None,
    by: Annotated[str, Option(envvar=["USER", "USERNAME"], help="Your name.")] = "someone",
) -> None:
    """Book everything that REQUEST asks for, or nothing."""
    client = await connect()
    id = trip_id or f"side-effects-trip-{uuid4().hex[:8]}"
    if trip_id is None:
        await client.start_workflow(TripWorkflow.run, args=[request], id=id, task_queue=TASK_QUEUE)
    handle: Handle = client.get_workflow_handle(id, result_type=TripReport)
    if stop:
        await update_reliably(handle, TripWorkflow.stop, by)
    show(await TripDisplay(handle, decide, by).follow())


if __name__ == "__main__":
    run(main)
