"""Chat with the agent: interactively at a terminal, or as a script of prompts elsewhere."""

from durable_agents import connect, run

from typing import Annotated
from uuid import uuid4

from temporalio.common import WorkflowIDConflictPolicy
from typer import Option

from goal_agent import TASK_QUEUE
from goal_agent.client import check_goal, choose_goal, converse, find_open
from goal_agent.models import CombinedInput
from goal_agent.workflows.goal import AgentGoalWorkflow


async def main(
    goal: str | None = None,
    *,
    prompt: Annotated[list[str] | None, Option(help="Send this; repeatable.")] = None,
    yes: Annotated[bool, Option("--yes", help="Confirm every step.")] = False,
    conversation_id: Annotated[str | None, Option(help="Join or start this one.")] = None,
) -> None:
    """Chat with an agent that asks before each step. Without a terminal, send GOAL's examples."""
    check_goal(goal)
    client, id = await connect(), conversation_id or f"goal-agent-{uuid4().hex[:8]}"
    handle = await find_open(client, id) or await client.start_workflow(
        AgentGoalWorkflow.run,
        CombinedInput(agent_goal=goal or await choose_goal(prompt)),
        id=id,
        task_queue=TASK_QUEUE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
    )
    await converse(handle, prompt, goal, confirm=yes)


if __name__ == "__main__":
    run(main)
