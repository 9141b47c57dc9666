"""Two ways to hold a conversation: from a script of prompts, and at a terminal."""

from durable_agents import InvalidInput

import asyncio
from concurrent.futures import Future
from threading import Thread

import typer

from goal_agent.client import Chat
from goal_agent.goals import DEFAULT, GOALS
from goal_agent.limits import validate_prompt
from goal_agent.models import ConversationHistory, ConversationStatus

HELP = "/end ends the conversation; Ctrl-D or Ctrl-C leaves it open for a day."
YES, NO = {"y", "yes"}, {"n", "no"}


def check_arguments(goal: str | None, prompts: list[str]) -> None:
    """Check the arguments of the command line.

    Raises:
        typer.BadParameter: The goal is unknown, or a prompt is invalid.
    """
    if goal is not None and goal not in GOALS:
        raise typer.BadParameter(f"There is no goal {goal!r}; known goals: {', '.join(GOALS)}")
    try:
        for prompt in prompts:
            validate_prompt(prompt, "A prompt")
    except InvalidInput as error:
        raise typer.BadParameter(error.message) from error


async def run_script(chat: Chat, prompts: list[str], *, confirm: bool) -> None:
    """Send prompts, one each time it is the user's turn, and end the conversation.

    Args:
        chat: The conversation.
        prompts: What to send. Prompts left when the goal is reached are not sent.
        confirm: Whether to confirm or to cancel every step.

    Raises:
        TurnFailed: A prompt was not answered.
    """
    left = list(prompts)
    while True:
        history = await chat.next_turn()
        if history.activity is ConversationStatus.CONFIRMING and history.tool_data:
            chat.show_step(history.tool_data)
            if not confirm:
                chat.note("Cancelled: use --yes to confirm.")
            await chat.decide(history.tool_data, confirm=confirm)
        elif left and history.activity is not ConversationStatus.ENDED:
            await chat.send(left.pop(0))
        else:
            break
    await chat.end()


async def run_terminal(chat: Chat) -> None:
    """Send what the user types until the conversation ends.

    Raises:
        EOFError: The user pressed Ctrl-D; the conversation stays open.
    """
    chat.note(HELP)
    while True:
        with chat.console.status("The agent is busy ..."):
            history = await chat.next_turn()
        if history.activity is ConversationStatus.ENDED:
            return
        await _answer(chat, history)


async def pick_goal() -> str:
    """Ask for a goal; return its id.

    Raises:
        EOFError: The user pressed Ctrl-D.
    """
    ids = list(GOALS)
    for number, goal in enumerate(GOALS.values(), start=1):
        print(f"{number}. {goal.name}: {goal.description}")
    while True:
        typed = await ask("Goal [1]: ") or DEFAULT
        if typed in GOALS:
            return typed
        if typed.isdecimal() and 0 < int(typed) <= len(ids):
            return ids[int(typed) - 1]
        print(f"Enter a number from 1 to {len(ids)}. You can write a message after that.")


async def ask(question: str) -> str:
    """Return a line that the user types, stripped of surrounding spaces.

    `input` blocks, so it runs in a daemon thread: Ctrl-C does not wait for Enter.

    Raises:
        EOFError: The user pressed Ctrl-D.
    """
    line: Future[str] = Future()

    def read() -> None:
        try:
            line.set_result(input(question))
        except (EOFError, OSError, ValueError) as error:
            line.set_exception(error)

    Thread(target=read, daemon=True).start()
    return (await asyncio.wrap_future(line)).strip()


async def _answer(chat: Chat, history: ConversationHistory) -> None:
    confirming = history.activity is ConversationStatus.CONFIRMING
    step = history.tool_data if confirming else None
    if step:
        chat.show_step(step)
    text = ""
    while not text:
        text = await ask("Run this? [y/n] " if step else "You: ")
    if text == "/end":
        await chat.end()
    elif step and text.lower() in YES | NO:
        await chat.decide(step, confirm=text.lower() in YES)
    else:  # another prompt cancels the step
        try:
            validate_prompt(text)
        except InvalidInput as error:
            chat.note(f"Not sent: {error.message}")
        else:
            await chat.send(text, typed=True)
