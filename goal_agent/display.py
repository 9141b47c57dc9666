"""What a person sees of a conversation: colours at a terminal, plain lines elsewhere."""

from pydantic import JsonValue
from rich.console import Console
from rich.text import Text

from goal_agent.models import Actor, Message, ToolData

STYLES: dict[Actor, str] = {
    "user": "bold cyan",
    "agent": "bold green",
    "tool": "bold magenta",
    "system": "bold yellow",
}


def call(tool: str, args: dict[str, JsonValue]) -> str:
    """Return a tool call as text."""
    return f"{tool}({', '.join(f'{name}={value}' for name, value in args.items())})"


class Display:
    """Prints messages and steps.

    Args:
        console: Where to; standard output by default.
    """

    def __init__(self, console: Console | None = None) -> None:
        self._cards: set[str] = set()
        self.console = console or Console(highlight=False)
        # A terminal's lines break between words; elsewhere a message stays one line.
        self.console.soft_wrap = not self.console.is_terminal

    def message(self, message: Message) -> None:
        """Show who says what; a decision with the step that it was about, unless that is shown."""
        actor = Text.assemble((f"{message.actor.title()}:", STYLES[message.actor]), " ")
        decision = message.decision
        news = decision and decision.step_id not in self._cards
        about = f" {call(decision.tool, decision.args)}" if decision and news else ""
        self._print(actor, message.text + about)

    def card(self, step: ToolData) -> None:
        """Show a step with its arguments: they are exactly what would run."""
        self._cards.add(step.step_id)
        self._print(Text("Step: ", style="bold blue"), call(step.tool, step.args))

    def note(self, text: str) -> None:
        """Tell something that is not part of the conversation."""
        self._print(Text(style="dim"), text)

    def _print(self, start: Text, text: str) -> None:
        # What models and tools say may hold codes that do things to a terminal.
        self.console.print(start + "".join(c for c in text if c.isprintable() or c == "\n"))
