"""Chat with the agent: interactively at a terminal, or as a script of prompts elsewhere."""

from durable_agents import connect, run

import sys
from typing import Annotated
from uuid import uuid4

import typer
from temporalio.common import WorkflowIDConflictPolicy

from goal_agent import TASK_QUEUE
from goal_agent.client import Chat, find_open
from goal_agent.goals import DEFAULT, GOALS
from goal_agent.models import CombinedInput
from goal_agent.terminal import check_arguments, pick_goal, run_script, run_terminal
from goal_agent.workflows.goal import AgentGoalWorkflow


async def main(
    goal: str | None = None,
    *,
    prompt: Annotated[list[str] | None, typer.Option(help="Send this; repeatable.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Confirm every step.")] = False,
    conversation_id: Annotated[str | None, typer.Option(help="Join or start this one.")] = None,
) -> None:
    """Chat with an agent that works toward a goal and asks for confirmation before every step.

    Without a terminal, send the example prompts of GOAL (default: book_trip) and confirm steps.
    """
    check_arguments(goal, prompt or [])
    at_terminal = sys.stdin.isatty() and not prompt
    client = await connect()
    handle = await find_open(client, conversation_id) if conversation_id else None
    if not handle:
        goal = goal or (await pick_goal() if at_terminal else DEFAULT)
        handle = await client.start_workflow(
            AgentGoalWorkflow.run,
            CombinedInput(agent_goal=goal),
            id=conversation_id or f"goal-agent-{uuid4().hex[:8]}",
            task_queue=TASK_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        )
    chat = Chat(handle)
    try:
        if at_terminal:
            await run_terminal(chat)
        else:
            prompts = prompt or GOALS[goal or DEFAULT].example_prompts
            await run_script(chat, prompts, confirm=yes or not prompt)
    except EOFError:
        chat.note(f"It stays open for a day. To rejoin: --conversation-id {handle.id}")
    finally:
        chat.close()


if __name__ == "__main__":
    run(main)
