"""The starter's display: the same steps for every poll, and running searches on a terminal."""

import io

import pytest
from rich.console import Console

from research_bot.pipeline.display import live_display, render, steps
from research_bot.pipeline.progress import FailedSearch, Progress

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
    """Standard output that is a terminal."""

    def isatty(self) -> bool:
        return True


def rendered(progress: Progress) -> str:
    console = Console(file=Terminal(), width=80, color_system=None)
    with console.capture() as captured:
        console.print(render(progress))
    return captured.get()


def test_later_progress_only_appends_steps(capsys: pytest.CaptureFixture[str]) -> None:
    with live_display() as show:
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


def test_terminal_shows_the_running_searches() -> None:
    assert "searching: 5 running, 1 done, 0 failed" in rendered(SEARCHING)
    assert rendered(FAILED_ONE).endswith("writing\n")
    assert rendered(Progress(phase="cancelled", earlier=["planning"])).endswith("are stopped.\n")


def test_terminal_keeps_the_final_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stdout", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with live_display() as show:
        show(SEARCHING)
        show(Progress(phase="done", earlier=["planning", "searching"], summary="Short."))
    assert terminal.getvalue().rstrip("\x1b[?25h\n ").endswith("Done: Short.")
