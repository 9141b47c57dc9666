"""The chat at a terminal: pick a goal, talk, and decide on each step."""

from prompt_toolkit import PromptSession

from goal_agent.chat import Chat
from goal_agent.display import Display
from goal_agent.goals import GOALS
from goal_agent.models import Activity, ConversationHistory
from goal_agent.talk import problem_of

HELP = "/end ends the conversation; Ctrl-D or Ctrl-C leaves it open for a day."
YES, NO = {"y", "yes"}, {"n", "no"}


async def pick_goal(display: Display) -> str:
    """Ask for a goal; return its id.

    Raises:
        EOFError: The person leaves.
    """
    ids = list(GOALS)
    for number, goal in enumerate(GOALS.values(), start=1):
        display.note(f"{number}. {goal.name}: {goal.description}")
    session: PromptSession[str] = PromptSession()
    while True:
        typed = (await session.prompt_async("Goal [1]: ")).strip() or "1"
        if typed in GOALS:
            return typed
        if typed.isdecimal() and 0 < int(typed) <= len(ids):
            return ids[int(typed) - 1]
        display.note(f"A number from 1 to {len(ids)}, please; what you want to say comes after.")


class Terminal:
    """A person who types."""

    def __init__(self, chat: Chat) -> None:
        """Ask at standard input, show in `chat`."""
        self._chat = chat
        self._session: PromptSession[str] = PromptSession()

    async def talk(self) -> None:
        """Send what is typed until the goal is reached, or the person has enough.

        Raises:
            EOFError: The person leaves.
        """
        self._chat.display.note(HELP)
        while True:
            with self._chat.display.console.status("The agent is busy ..."):
                history = await self._chat.next_turn()
            if history.activity is Activity.ENDED:
                return
            await self._answer(history)

    async def _answer(self, history: ConversationHistory) -> None:
        step = history.tool_data
        confirming = history.activity is Activity.CONFIRMING and step
        if confirming:
            self._chat.display.card(confirming)
        question = "Run this? [y/n] " if confirming else "You: "
        text = ""
        while not text:
            text = (await self._session.prompt_async(question)).strip()
            if problem := problem_of(text):
                self._chat.display.note(f"Not sent: the text {problem}")
                text = ""
        if text == "/end":
            await self._chat.end()
        elif confirming and text.lower() in YES | NO:
            await self._chat.decide(confirming, confirm=text.lower() in YES)
        else:  # also at a step: to say something else is to want something else
            await self._chat.say(text, typed=True)
