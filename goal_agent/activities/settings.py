"""Looks up the settings of a run in the worker's registries and environment."""

from durable_agents import InvalidInput

import os

from temporalio import activity

from goal_agent.goals import GOALS
from goal_agent.models import Settings
from goal_agent.prompts import build_instructions
from goal_agent.toolbox.registry import TOOLS

MAX_MESSAGES = 250
FALSE = {"0", "false", "no", "off"}


@activity.defn
async def look_up_settings(goal: str) -> Settings:
    """Return the settings for a goal.

    An activity, so the history records them: the run replays with the same settings after the
    registries, the prompts, or `SHOW_CONFIRM` have changed.

    Raises:
        InvalidInput: There is no such goal.
    """
    if goal not in GOALS:
        raise InvalidInput(f"agent_goal is unknown; known goals: {', '.join(GOALS)}")
    return Settings(
        goal=GOALS[goal],
        instructions=build_instructions(
            GOALS[goal], [TOOLS[name].info() for name in GOALS[goal].tools]
        ),
        show_confirm=os.environ.get("SHOW_CONFIRM", "true").strip().lower() not in FALSE,
        max_messages=MAX_MESSAGES,
    )
