"""What a person sees of a conversation: colours at a terminal, plain text elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.status import Status
from rich.text import Text

USER = "User"


class Display:
    """Prints lines of a conversation, and says what goes on."""

    def __init__(self, console: Console | None = None) -> None:
        """Print to standard output, or to a console of the caller's."""
        self._console = console or Console(highlight=False)
        self._spinner: Status | None = None

    def line(self, line: str) -> None:
        """Show a line of the history: who speaks stands out, what goes on behind is dim."""
        if line.startswith("("):
            self._print(Text(line, style="dim italic"))
            return
        speaker, colon, said = line.partition(":")
        style = "bold cyan" if speaker == USER else "bold green"
        self._print(Text.assemble((speaker + colon, style), said))

    def note(self, text: str) -> None:
        """Tell something that is not part of the conversation."""
        self._print(Text(text, style="yellow"))

    def result(self, text: str) -> None:
        """Tell what a conversation came to."""
        self._print(Text(text, style="bold"))

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Show a status line for as long as the block lasts, where there is a terminal for it."""
        if not self._console.is_terminal:
            yield
            return
        with self._console.status("Sending", spinner="dots") as self._spinner:
            yield
        self._spinner = None

    def doing(self, text: str) -> None:
        """Change the status line."""
        if self._spinner:
            self._spinner.update(Text(text, style="dim"))

    def _print(self, text: Text) -> None:
        self._console.print(text, soft_wrap=True)
