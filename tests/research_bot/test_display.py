"""What a starter shows: the same steps whenever it looks, and on a terminal what runs."""

import io

import pytest
from rich.console import Console

from research_bot.display import picture, showing, steps
from research_bot.progress import FailedSearch, Progress

SEARCHING = Progress(phase="searching", earlier=["planning"], planned=8, running=5, done=1)
FAILED_ONE = Progress(
    phase="writing",
    earlier=["planning", "searching"],
    planned=8,
    done=7,
    failed=1,
    failures=[FailedSearch("q [1]", "BadRequestError: No.")],
)


class Terminal(io.StringIO):
    """Standard output with a person at it."""

    def isatty(self) -> bool:
        return True


def drawn(progress: Progress) -> str:
    console = Console(file=Terminal(), width=80, color_system=None)
    with console.capture() as captured:
        console.print(picture(progress))
    return captured.get()


def test_later_steps_only_add_to_earlier_ones(capsys: pytest.CaptureFixture[str]) -> None:
    with showing() as show:
        for progress in (Progress(), Progress(), SEARCHING, FAILED_ONE):
            show(progress)
    assert (
        capsys.readouterr().out.splitlines()
        == steps(FAILED_ONE)
        == [
            "Planning the searches.",
            "Searching: 8 searches.",
            "  failed: q [1] (BadRequestError: No.)",
            "Searched: 7 done, 1 failed.",
            "Writing the report.",
        ]
    )


def test_a_terminal_shows_what_runs_at_this_moment() -> None:
    assert "searching: 5 running, 1 done, 0 failed" in drawn(SEARCHING)
    assert drawn(FAILED_ONE).endswith("writing\n")
    assert drawn(Progress(phase="cancelled", earlier=["planning"])).endswith("is searched.\n")


def test_a_terminal_keeps_the_last_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stdout", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with showing() as show:
        show(SEARCHING)
        show(Progress(phase="done", earlier=["planning", "searching"], summary="Short."))
    assert terminal.getvalue().rstrip("\x1b[?25h\n ").endswith("Done: Short.")
