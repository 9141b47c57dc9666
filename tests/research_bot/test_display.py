"""What a starter shows: the same steps whenever it looks, and on a terminal what runs."""

import io

import pytest
from rich.console import Console
from temporalio.service import RPCError, RPCStatusCode

from research_bot.display import news, picture, showing, steps
from research_bot.progress import FailedSearch, Progress
from research_bot.workflows.research import ResearchWorkflow

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


class Silent:
    """A handle of a run whose worker is away."""

    def __init__(self, status: RPCStatusCode) -> None:
        self.status = status

    async def query(self, *_: object, **__: object) -> Progress:
        raise RPCError("No.", self.status, b"")


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


async def test_a_worker_that_is_away_is_no_news() -> None:
    for status in (RPCStatusCode.CANCELLED, RPCStatusCode.FAILED_PRECONDITION):
        handle = Silent(status)
        assert await news(handle, ResearchWorkflow.get_progress) is None  # type: ignore[arg-type]
    with pytest.raises(RPCError):
        await news(Silent(RPCStatusCode.NOT_FOUND), ResearchWorkflow.get_progress)  # type: ignore[arg-type]
