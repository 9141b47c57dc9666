"""What becomes of running sub-agents when their fleet is cancelled or terminated."""

import asyncio

import pytest

from sub_agents.children import wait_for_all
from sub_agents.run_worker import build_worker
from tests.harness.workers import serving
from tests.sub_agents.staff import Staff
from tests.sub_agents.starting import children_of, closed, start_fleet


@pytest.mark.usefixtures("uncached")
async def test_terminated_fleet_terminates_its_children() -> None:
    staff = Staff(held=range(1, 100))
    async with serving(build_worker, staff, 0) as client:
        handle = await start_fleet(client, 20, 2)
        await staff.wait_for(2)
        await handle.terminate()
        children = [f"{handle.id}/{item}" for item in (1, 2)]
        assert [await closed(client, child) for child in children] == ["TERMINATED"] * 2
        await staff.wait_for_stopped(2)
    assert staff.tickets.total() == 2


async def test_cancelled_fleet_stops_its_children_and_starts_no_more() -> None:
    staff = Staff(held=range(1, 100))
    async with serving(build_worker, staff, 2) as client:
        handle = await start_fleet(client, 20, 3)
        await staff.wait_for(3)
        await handle.cancel()
        await staff.wait_for_stopped(3)
        assert await closed(client, handle.id) == "CANCELED"
        children = await children_of(client, handle.id)
        assert [await closed(client, child) for child in children] == ["CANCELED"] * 3


async def test_fleet_waits_for_each_lane_although_another_has_ended() -> None:
    ended: list[int] = []

    async def lane(number: int) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            for _ in range(number):  # cleans up for longer than the others
                await asyncio.sleep(0)
            ended.append(number)

    fleet = asyncio.create_task(wait_for_all(lane(number) for number in (0, 5, 9)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    fleet.cancel()
    with pytest.raises(asyncio.CancelledError):
        await fleet
    assert ended == [0, 5, 9]
