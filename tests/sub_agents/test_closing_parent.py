"""What becomes of running sub-agents when their parent closes, by parent close policy."""

import time

import pytest

from sub_agents.run_worker import build_worker
from tests.harness.dev_server import dev_server
from tests.harness.workers import serving
from tests.sub_agents.staff import TEXT, Staff
from tests.sub_agents.starting import closed, start

MAX_DELAY = 2  # seconds; about one, and some for a busy machine

OUTCOMES = {"terminate": "TERMINATED", "request_cancel": "CANCELED", "abandon": "COMPLETED"}

pytestmark = pytest.mark.usefixtures("uncached")


@pytest.mark.parametrize("how", ["cancel", "terminate"])
@pytest.mark.parametrize("on_close", OUTCOMES)
async def test_policy_decides_what_running_sub_agents_do(how: str, on_close: str) -> None:
    staff = Staff(["Get held.", "Get held, too."])
    async with serving(build_worker, staff) as client:
        handle = await start(client, on_close)
        await staff.wait_for(2)
        closed_at = time.monotonic()
        await (handle.cancel() if how == "cancel" else handle.terminate())
        assert await closed(client, handle.id) == ("CANCELED" if how == "cancel" else "TERMINATED")
        if on_close == "abandon":
            staff.release()  # they continue, and report to a parent that has closed
        else:
            await staff.wait_for_stopped(2)
            assert max(staff.stopped) - closed_at < MAX_DELAY
        children = [f"{handle.id}/ask_researcher-{number}" for number in (1, 2)]
        assert [await closed(client, child) for child in children] == [OUTCOMES[on_close]] * 2
        if on_close == "abandon":
            assert await client.get_workflow_handle(children[0]).result() == TEXT
    assert not staff.read


@pytest.mark.exhaustive
async def test_model_calls_stop_within_about_a_second_on_a_server_without_push() -> None:
    staff = Staff(["Get held."])
    async with dev_server(push=False), serving(build_worker, staff) as client:
        handle = await start(client)
        await staff.wait_for(1)
        cancelled_at = time.monotonic()
        await handle.cancel()
        await staff.wait_for_stopped(1)
        assert staff.stopped[0] - cancelled_at < MAX_DELAY
