"""Tasks, results, numbers, and reports of sub-agents are limited."""

import pytest

from sub_agents import team
from sub_agents.children import shorten
from sub_agents.models import MAX_STEPS, StepReport
from sub_agents.run_worker import build_worker
from sub_agents.team import MAX_RESULT_LENGTH, MAX_SUB_AGENTS, MAX_TASK_LENGTH
from sub_agents.workflows.delegation import DelegationWorkflow
from tests.harness.workers import serving
from tests.sub_agents.staff import Staff
from tests.sub_agents.starting import children_of, start


async def test_tasks_results_and_numbers_are_limited() -> None:
    tasks = [" ", "x" * (MAX_TASK_LENGTH + 1), *["Look."] * MAX_SUB_AGENTS, "One too many."]
    staff = Staff(tasks, text="y" * 10_000)
    async with serving(build_worker, staff) as client:
        handle = await start(client)
        await handle.result()
        assert len(await children_of(client, handle.id)) == MAX_SUB_AGENTS
    blank, long, *results, last = staff.read
    assert blank == "ask_researcher was not started: task is empty"
    assert long == "ask_researcher was not started: task is 4,001 characters; the limit is 4,000"
    assert {len(result) for result in results} == {MAX_RESULT_LENGTH}
    assert last.endswith("was not started: 10 sub-agents were started, which is the limit")


async def test_results_are_limited_by_sub_agents_and_by_their_lead(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(team, "shorten", lambda text, limit: shorten(text, limit // 2))
    staff = Staff(["Look."], text="y" * 10_000)
    async with serving(build_worker, staff) as client:
        handle = await start(client)
        await handle.result()
        child: str = await client.get_workflow_handle(f"{handle.id}/ask_researcher-1").result()
    assert len(child) == MAX_RESULT_LENGTH
    assert [len(result) for result in staff.read] == [MAX_RESULT_LENGTH // 2]


async def test_only_reports_of_sub_agents_are_recorded() -> None:
    staff = Staff(["Get held."])
    async with serving(build_worker, staff) as client:
        handle = await start(client)
        await staff.wait_for(1)
        for sender in ("stranger", *[f"{handle.id}/ask_researcher-1"] * (MAX_STEPS + 3)):
            report = StepReport(agent_id=sender, step="search")
            await handle.signal(DelegationWorkflow.report_step, report)
        await handle.signal("report_step", {"agent_id": "x", "step": "x" * 101})
        [member] = await handle.query(DelegationWorkflow.get_team)
        assert (member.outcome, len(member.steps)) == ("running", MAX_STEPS)
        staff.release()
        await handle.result()
