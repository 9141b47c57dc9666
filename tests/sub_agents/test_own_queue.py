"""Sub-agents on a task queue of their own run on other workers than their lead."""

from uuid import uuid4

import pytest
from agents import Agent, Runner
from temporalio import workflow
from temporalio.client import Client, WorkflowHandle
from temporalio.worker import Worker

from sub_agents import TASK_QUEUE
from sub_agents.run_worker import build_worker
from sub_agents.team import Team
from sub_agents.workflows.delegation import ResearchAgent
from tests.harness.workers import serving
from tests.sub_agents.staff import TEXT, Staff
from tests.sub_agents.starting import closed

LEADS = "sub-agents-test-leads"


@workflow.defn(sandboxed=False)
class RemoteLead:
    """Delegates to the workers of another task queue."""

    @workflow.run
    async def run(self, task: str) -> str:
        tool = Team("request_cancel").tool(ResearchAgent.run, "ask_researcher", "Ask.", TASK_QUEUE)
        lead = Agent(name="Lead", instructions="Delegate.", tools=[tool])
        return (await Runner.run(lead, task)).final_output_as(str)


def build_lead_worker(client: Client) -> Worker:
    return Worker(client, task_queue=LEADS, workflows=[RemoteLead])


async def start_lead(client: Client) -> WorkflowHandle[RemoteLead, str]:
    return await client.start_workflow(
        RemoteLead.run, "Compare cities.", id=f"lead-{uuid4()}", task_queue=LEADS
    )


async def test_sub_agents_run_on_their_own_task_queue() -> None:
    staff = Staff(["Look into Lisbon."])
    async with serving(build_lead_worker, staff) as client, build_worker(client):
        handle = await start_lead(client)
        assert await handle.result() == "Done."
        child = client.get_workflow_handle(f"{handle.id}/ask_researcher-1")
        assert (await child.describe()).task_queue == TASK_QUEUE
        assert (await handle.describe()).task_queue == LEADS
    assert staff.read == [TEXT]


@pytest.mark.parametrize("how", ["completes", "fails"])
async def test_cancellation_is_not_lost_when_a_sub_agent_closes_at_the_same_time(how: str) -> None:
    """The lead has no worker meanwhile, so one workflow task brings both."""
    staff = Staff(["Get held."] if how == "completes" else ["Get held for nothing."])
    async with serving(build_worker, staff) as client:
        async with build_lead_worker(client):
            handle = await start_lead(client)
            await staff.wait_for(1)
        staff.release()
        child = f"{handle.id}/ask_researcher-1"
        assert await closed(client, child) == ("COMPLETED" if how == "completes" else "FAILED")
        await handle.cancel()
        async with build_lead_worker(client):
            assert await closed(client, handle.id) == "CANCELED"
    assert not staff.read
