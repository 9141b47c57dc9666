"""Sub-agents as tools: results, steps, and failures that the lead's model reads."""

import re
from datetime import timedelta

import pytest

from sub_agents import TASK_QUEUE
from sub_agents.run_delegation_workflow import main
from sub_agents.run_worker import build_worker
from sub_agents.team import Team
from sub_agents.workflows.delegation import ResearchAgent
from tests.harness.starters import MODEL_CALL, histories_of_tree
from tests.harness.workers import failure_of, promptly, serving
from tests.sub_agents.staff import TEXT, Staff
from tests.sub_agents.starting import children_of, start


async def test_starter_shows_steps_and_failures(capsys: pytest.CaptureFixture[str]) -> None:
    staff = Staff(["Look into Lisbon.", "Look into nothing.", "Get refused."])
    async with serving(build_worker, staff):
        await main("Compare cities.")
    assert capsys.readouterr().out.splitlines() == [
        "ask_researcher-1 (Look into Lisbon.): model call, look_up_city, model call, completed",
        "ask_researcher-2 (Look into nothing.): model call, look_up_city, model call, "
        f"failed: {TEXT}",
        "ask_researcher-3 (Get refused.): model call, failed: Refused.",
        "Done.",
    ]
    assert staff.read == [
        TEXT,
        f"ask_researcher-2 failed: {TEXT}",
        "ask_researcher-3 failed: Refused.",
    ]


async def test_sub_agent_has_an_id_and_a_history_of_its_own() -> None:
    async with serving(build_worker, Staff(["One.", "Two."])) as client:
        handle = await start(client)
        assert await handle.result() == "Done."
        histories = await histories_of_tree(client, handle.id)
    ids = [f"{handle.id}{suffix}" for suffix in ("", "/ask_researcher-1", "/ask_researcher-2")]
    assert sorted(history.workflow_id for history in histories) == ids
    for history in histories:
        scheduled = [event.activity_task_scheduled_event_attributes for event in history.events]
        assert [each.activity_type.name for each in scheduled].count(MODEL_CALL) == 2


@pytest.mark.usefixtures("uncached")
async def test_sub_agent_that_never_answers_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Team.__init__, "__defaults__", (timedelta(seconds=1),))
    staff = Staff(["Get held."])
    async with serving(build_worker, staff) as client:
        handle = await start(client)
        assert await promptly(handle.result(), "the lead") == "Done."
        await staff.wait_until_idle()  # on a busy machine, its call may never have started
    assert staff.read == ["ask_researcher-1 gave no answer within 0:00:01"]


@pytest.mark.usefixtures("uncached")
@pytest.mark.parametrize("how", ["cancel", "terminate"])
async def test_sub_agent_that_is_stopped_alone_is_reported(how: str) -> None:
    staff = Staff(["Get held.", "Look into Lisbon."])
    async with serving(build_worker, staff) as client:
        handle = await start(client)
        await staff.wait_for(1)
        child = client.get_workflow_handle(f"{handle.id}/ask_researcher-1")
        await (child.cancel() if how == "cancel" else child.terminate())
        assert await handle.result() == "Done."
        await staff.wait_for_stopped(1)
    outcome = "was cancelled" if how == "cancel" else "was terminated"
    assert staff.read == [f"ask_researcher-1 {outcome}", TEXT]


async def test_sub_agent_whose_id_is_taken_is_reported() -> None:
    staff = Staff(["Get held."])
    async with serving(build_worker, staff) as client:
        id = "taken/ask_researcher-1"
        other = await client.start_workflow(
            ResearchAgent.run, "Get held.", id=id, task_queue=TASK_QUEUE
        )
        assert await (await start(client, id="taken")).result() == "Done."
        staff.release()
        assert await other.result() == TEXT  # it also runs without a parent
    assert staff.read == ["ask_researcher-1 was not started: a workflow with its id is running"]


async def test_invalid_policy_starts_no_sub_agent(caplog: pytest.LogCaptureFixture) -> None:
    async with serving(build_worker, Staff(["Look."])) as client:
        handle = await start(client, "forget")
        cause = await failure_of(handle.result())
        assert not await children_of(client, handle.id)
    assert cause.type == "InvalidInput"
    assert re.match("on_close: Input should be 'terminate', 'request_cancel'", cause.message)


async def test_longest_id_of_a_lead_leaves_room_for_its_sub_agents() -> None:
    async with serving(build_worker, Staff(["Look."])) as client:
        handle = await start(client, id="x" * 1_000)
        assert await handle.result() == "Done."
        [child] = await children_of(client, handle.id)
    assert re.fullmatch("[0-9a-f]{64}/ask_researcher-1", child)
