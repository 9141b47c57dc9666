"""A worker is killed at each booking and each compensation: all is booked once, or undone once."""

from durable_agents import connect

import asyncio
from pathlib import Path
from uuid import uuid4

import pytest
from temporalio.client import Client, WorkflowHandle

from offline_model.server import OfflineModel
from sample_cli.processes import until
from side_effects import TASK_QUEUE
from side_effects.trip_models import TripReport
from side_effects.workflows.trip import TripWorkflow
from tests.harness.forked_worker import Breakpoint, ForkedWorker
from tests.harness.kills import SOON, fail_lost_activities
from tests.harness.starters import Starters
from tests.side_effects.trips import entries

CITIES = ("Oslo", "Bergen", "Narvik")  # complete; no car; the provider fails, too, and no car
BOOKINGS, COMPENSATIONS = (4, 6, 8), (10, 11, 12)  # the numbers of these activities
POINTS = [(number, when) for number in BOOKINGS + COMPENSATIONS for when in ("before", "after")]

pytestmark = pytest.mark.exhaustive


def halts(city: str, number: int, when: str) -> bool:
    """Return whether a trip comes to this point: Oslo has no compensations, others have no car."""
    if city == "Oslo":
        return number in BOOKINGS
    return (number, when) != (BOOKINGS[-1], "after")


async def book_trip(client: Client, city: str) -> WorkflowHandle[TripWorkflow, TripReport]:
    """Start a trip to a city."""
    return await client.start_workflow(
        TripWorkflow.run,
        args=[f"Book a flight, a hotel, and a car in {city}."],
        id=f"trip-{city}-{uuid4()}",
        task_queue=TASK_QUEUE,
        task_timeout=SOON["task_timeout"],
    )


@pytest.mark.parametrize(("number", "when"), POINTS)
async def test_kill_at_any_step_leaves_everything_booked_or_everything_undone(
    number: int, when: str, model: OfflineModel, ledger: Path
) -> None:
    client, trips = await connect(), Starters([])
    halting = [city for city in CITIES if halts(city, number, when)]
    with ForkedWorker("side_effects", Breakpoint(number, when)) as worker:
        handles = {"Narvik": await book_trip(client, "Narvik")}

        async def has_crashed() -> bool:
            halted = handles["Narvik"].id in worker.halted
            return halted or "booked FLIGHT-NARVIK" in entries(ledger)

        # The provider restarts now. Started earlier, the other trips would wait for this one at the
        # breakpoint, where a booking times out after 10 s.
        await until(has_crashed)
        handles |= {city: await book_trip(client, city) for city in ("Oslo", "Bergen")}
        trips.workflows = dict.fromkeys((handle.id for handle in handles.values()), "trip")

        async def have_halted() -> bool:
            return {handles[city].id for city in halting} <= worker.halted

        await until(have_halted)
        worker.kill()
    failing = asyncio.create_task(fail_lost_activities(worker.identity, trips, client))
    with ForkedWorker("side_effects"):
        reports = {city: await handle.result() for city, handle in handles.items()}
    failing.cancel()
    for city, report in reports.items():
        offers = [f"{kind}-{city.upper()}" for kind in ("FLIGHT", "HOTEL", "CAR")]
        found = [entry for entry in entries(ledger) if entry.endswith(f"-{city.upper()}")]
        if city == "Oslo":
            assert found == [f"booked {offer}" for offer in offers]
        else:
            undone = [f"cancelled {offer}" for offer in reversed(offers[:2])]
            assert found == [*(f"booked {offer}" for offer in offers[:2]), *undone]
        assert report.is_booked == (city == "Oslo")
        assert [line for line in report.statement or [] if line.endswith(city.upper())] == found
