"""Invalid arguments fail with a typed error that names them, and start nothing."""

from uuid import uuid4

import pytest
import typer
from pydantic import JsonValue

from sub_agents import TASK_QUEUE
from sub_agents.run_delegation_workflow import main as delegate
from sub_agents.run_fleet_workflow import main as run_fleet
from sub_agents.run_worker import build_worker
from tests.harness.workers import failure_of, serving
from tests.sub_agents.staff import Staff
from tests.sub_agents.starting import children_of

FLEETS: list[tuple[list[JsonValue], str]] = [
    ([5, 0], "window is 0; give 1 to 100"),
    ([5, 101], "window is 101; give 1 to 100"),
    ([0, 5], "items is 0; give 1 to 1,000"),
    ([-3], "items is -3; give 1 to 1,000"),
    ([1_001], "items is 1,001; give 1 to 1,000"),
    (["many"], "items: Input should be a valid integer"),
    ([5, 5, {"child_timeout": 0}], "state.child_timeout: Input should be greater than or equal"),
    ([5, 5, {"items_per_run": 151}], "state.items_per_run: Input should be less than or equal"),
    ([5, 5, {"next_item": 0}], "state.next_item: Input should be greater than or equal to 1"),
]


async def test_invalid_fleets_start_no_child() -> None:
    staff = Staff()
    async with serving(build_worker, staff) as client:
        for arguments, message in FLEETS:
            handle = await client.start_workflow(
                "FleetWorkflow", args=arguments, id=f"fleet-{uuid4()}", task_queue=TASK_QUEUE
            )
            cause = await failure_of(handle.result())
            assert (cause.type, cause.non_retryable) == ("InvalidInput", True)
            assert cause.message.startswith(message)
            assert not await children_of(client, handle.id)
    assert not staff.tickets


@pytest.mark.parametrize(("items", "window"), [(0, 20), (1_001, 20), (-1, 20), (5, 0)])
async def test_starter_rejects_an_invalid_fleet_before_it_connects(items: int, window: int) -> None:
    with pytest.raises(typer.BadParameter, match="give 1 to"):
        await run_fleet(items, window=window)


@pytest.mark.parametrize(("task", "problem"), [(" ", "is empty"), ("x" * 4_001, "is 4,001 charac")])
async def test_invalid_task_starts_no_sub_agent(task: str, problem: str) -> None:
    async with serving(build_worker, Staff(["Look."])):
        cause = await failure_of(delegate(task))
    assert cause.type == "InvalidInput"
    assert f"task {problem}" in cause.message
