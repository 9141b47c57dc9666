"""A conversation without a person: prompts one after the other, and the same word on each step."""

import typer

from goal_agent.chat import Chat
from goal_agent.goals import DEFAULT, GOALS
from goal_agent.models import Activity
from goal_agent.talk import problem_of


def check_arguments(goal: str | None, prompts: list[str]) -> None:
    """Check what is given on the command line.

    Raises:
        typer.BadParameter: There is no such goal, or a prompt that nobody would take.
    """
    if goal is not None and goal not in GOALS:
        raise typer.BadParameter(f"There is no goal {goal!r}; known are: {', '.join(GOALS)}")
    for prompt in prompts:
        if problem := problem_of(prompt):
            raise typer.BadParameter(f"A prompt {problem}")


def example_prompts(goal: str | None) -> list[str]:
    """Return the example prompts of a goal, or of the default one."""
    return GOALS[goal or DEFAULT].example_prompts


async def play(chat: Chat, prompts: list[str], *, confirm: bool) -> None:
    """Say the prompts, each when the agent is idle, and end the conversation.

    Args:
        chat: The conversation.
        prompts: What to say; the rest is left unsaid where the goal is reached before.
        confirm: Whether each step is confirmed, or cancelled.

    Raises:
        TurnFailed: Not everything was answered.
    """
    left = list(prompts)
    while True:
        history = await chat.next_turn()
        if history.activity is Activity.CONFIRMING and history.tool_data:
            chat.display.card(history.tool_data)
            if not confirm:
                chat.display.note("Cancelled: use --yes to confirm.")
            await chat.decide(history.tool_data, confirm=confirm)
        elif left and history.activity is not Activity.ENDED:
            await chat.say(left.pop(0))
        else:
            break
    await chat.end()
