"""Talks with the agent: at a terminal as a chat; elsewhere a whole booking plays by itself."""

from durable_agents import connect, run

import sys
from typing import Annotated
from uuid import uuid4

import typer
from temporalio.common import WorkflowIDConflictPolicy

from goal_agent import TASK_QUEUE
from goal_agent.chat import Chat
from goal_agent.display import Display
from goal_agent.goals import DEFAULT
from goal_agent.joining import joined
from goal_agent.models import CombinedInput
from goal_agent.playing import check_arguments, example_prompts, play
from goal_agent.terminal import Terminal, pick_goal
from goal_agent.workflows.goal import AgentGoalWorkflow


async def main(
    goal: str | None = None,
    *,
    prompt: Annotated[list[str] | None, typer.Option(help="Say this; may be repeated.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Confirm each step of --prompt.")] = False,
    conversation_id: Annotated[str | None, typer.Option(help="Join or start this one.")] = None,
) -> None:
    """Talk with an agent that reaches a goal step by step, and asks before each step.

    Without a terminal, play the example prompts of GOAL (book_trip by default) and confirm steps.
    """
    check_arguments(goal, prompt or [])
    at_terminal = sys.stdin.isatty() and not prompt
    client, display = await connect(), Display()
    handle = await joined(client, conversation_id) if conversation_id else None
    if not handle:
        goal = goal or (await pick_goal(display) if at_terminal else DEFAULT)
        handle = await client.start_workflow(
            AgentGoalWorkflow.run,
            CombinedInput(agent_goal=goal),
            id=conversation_id or f"goal-agent-{uuid4().hex[:8]}",
            task_queue=TASK_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        )
    chat = Chat(handle, display)
    try:
        if at_terminal:
            await Terminal(chat).talk()
        else:
            await play(chat, prompt or example_prompts(goal), confirm=yes or not prompt)
    except EOFError:
        display.note(f"It stays open for a day. To come back: --conversation-id {handle.id}")
    finally:
        chat.close()


if __name__ == "__main__":
    run(main)
