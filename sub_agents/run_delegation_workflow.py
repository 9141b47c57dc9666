"""Start DelegationWorkflow, and show its sub-agents and its answer."""

from durable_agents import connect, run

from uuid import uuid4

from sub_agents import TASK_QUEUE
from sub_agents.display import follow_team
from sub_agents.models import ParentClosePolicyName
from sub_agents.workflows.delegation import DelegationWorkflow


async def main(
    task: str = "Compare Lisbon, Porto, and Atlantis for a team retreat.",
    *,
    on_close: ParentClosePolicyName = "request_cancel",
) -> None:
    """Do TASK with sub-agents; --on-close sets what happens to them when the lead closes."""
    client = await connect()
    handle = await client.start_workflow(
        DelegationWorkflow.run,
        args=[task, on_close],
        id=f"sub-agents-delegation-{uuid4().hex[:8]}",
        task_queue=TASK_QUEUE,
    )
    print(await follow_team(handle))


if __name__ == "__main__":
    run(main)
