"""`run(main)`: command line, one-line errors, exit codes."""

from durable_agents import TooLarge, run

import sys
from typing import Any

import pytest
from openai import OpenAIError
from temporalio.client import WorkflowFailureError, WorkflowUpdateFailedError
from temporalio.exceptions import (
    ActivityError,
    ApplicationError,
    CancelledError,
    RetryState,
    TerminatedError,
)
from temporalio.service import RPCError, RPCStatusCode

Captured = pytest.CaptureFixture[str]


def exit_code(main: Any, *arguments: str) -> int:
    argv, sys.argv = sys.argv, ["run_it.py", *arguments]
    try:
        run(main)
    except SystemExit as end:
        return int(end.code or 0)
    finally:
        sys.argv = argv
    return 0


async def repeat(word: str = "hello", times: int = 1, *, loud: bool = False) -> None:
    """Print WORD as many times as TIMES says."""
    print((word.upper() if loud else word) * times)


@pytest.mark.parametrize(
    ("arguments", "output"),
    [((), "hello"), (("hi",), "hi"), (("hi", "2"), "hihi"), (("hi", "--loud"), "HI")],
)
def test_parameters_become_arguments_and_keywords_become_options(
    arguments: tuple[str, ...], output: str, capsys: Captured
) -> None:
    assert exit_code(repeat, *arguments) == 0
    assert capsys.readouterr().out == f"{output}\n"


def test_help_shows_the_docstring_and_defaults(capsys: Captured) -> None:
    assert exit_code(repeat, "--help") == 0
    text = capsys.readouterr().out
    assert "Print WORD as many times as TIMES says." in text
    assert "[default: hello]" in text


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (
            ("hi", "many"),
            "Invalid value for 'times': Input should be a valid integer, "
            "unable to parse string as an integer",
        ),
        (("a", "1", "c"), "Got unexpected extra argument(s) (c)"),
        (("--quiet",), "No such option: --quiet"),
    ],
)
def test_invalid_command_line_is_one_line_and_exit_code_2(
    arguments: tuple[str, ...], line: str, capsys: Captured
) -> None:
    assert exit_code(repeat, *arguments) == 2
    assert capsys.readouterr().err == f"{line}\n"


def activity_error(cause: BaseException) -> ActivityError:
    error = ActivityError(
        "Activity task failed",
        scheduled_event_id=1,
        started_event_id=2,
        identity="",
        activity_type="a",
        activity_id="1",
        retry_state=RetryState.MAXIMUM_ATTEMPTS_REACHED,
    )
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (
            ConnectionError("No Temporal server at a:1 (Connection refused)"),
            2,
            "No Temporal server at a:1 (Connection refused). "
            "Start one with: uv run temporal server start-dev",
        ),
        (
            TooLarge("one message", 2_200_000, 2_090_000),
            2,
            "TooLarge: one message is 2,200,000 bytes; the limit is 2,090,000",
        ),
        (
            OpenAIError("Missing credentials."),
            2,
            "OPENAI_API_KEY is not set. Set it, or use the offline model: "
            "`uv run sample model` prints what to set instead.",
        ),
        (
            WorkflowFailureError(cause=ApplicationError("too\nlong", type="InvalidInput")),
            1,
            "Workflow failed: InvalidInput: too long",
        ),
        (
            WorkflowFailureError(cause=activity_error(ApplicationError("401", type="Auth"))),
            1,
            "Workflow failed: Auth: 401",
        ),
        (
            WorkflowFailureError(cause=CancelledError("Workflow cancelled")),
            1,
            "Workflow failed: CancelledError: Workflow cancelled",
        ),
        (
            WorkflowFailureError(cause=TerminatedError("terminated by an operator")),
            1,
            "Workflow failed: TerminatedError: terminated by an operator",
        ),
        (
            WorkflowUpdateFailedError(ApplicationError("empty", type="InvalidInput")),
            1,
            "Update failed: InvalidInput: empty",
        ),
        (
            RPCError("Namespace x is not found.", RPCStatusCode.NOT_FOUND, b""),
            2,
            "Temporal refused (NOT_FOUND): Namespace x is not found.",
        ),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_user_error_is_one_line_and_an_exit_code(
    error: BaseException, code: int, line: str, capsys: Captured
) -> None:
    async def main() -> None:
        raise error

    assert exit_code(main) == code
    assert capsys.readouterr().err == (f"{line}\n" if line else "")


@pytest.mark.parametrize("bug", [ZeroDivisionError(), ImportError("cannot import name 'x'")])
def test_bug_keeps_its_traceback(bug: Exception) -> None:
    async def main() -> None:
        raise bug

    with pytest.raises(type(bug)):
        exit_code(main)


@pytest.mark.parametrize(
    "words",
    [
        ["-5 degrees?"],
        ["- a list"],
        ["-5"],
        ["--help me, please"],
        ["-x = 3"],
        ["--", "--quiet"],
        ["hi", "--message", "-5 degrees", "--message=--loud", "--message", "-5"],
        ["hi", "--message", "--loud", "--loud"],
    ],
)
def test_text_may_start_with_a_dash(words: list[str], capsys: Captured) -> None:
    async def main(word: str, *, message: list[str] | None = None, loud: bool = False) -> None:
        print([word, *(message or []), loud])

    assert exit_code(main, *words) == 0
    texts = [word.removeprefix("--message=") for word in words if word not in ("--", "--message")]
    loud = texts[-1] == "--loud" and len(texts) > 1
    assert capsys.readouterr().out == f"{[*(texts[:-1] if loud else texts), loud]}\n"


def test_negative_number_is_the_value_of_an_option(capsys: Captured) -> None:
    async def main(*, number: int = 0) -> None:
        print(number)

    assert exit_code(main, "--number", "-5") == 0
    assert capsys.readouterr().out == "-5\n"
