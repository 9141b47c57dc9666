"""Runs a script's `main`: a command line from its signature, one-line errors, and exit codes."""

from durable_agents.client import SettingsError
from durable_agents.errors import TooLarge, root_cause
from durable_agents.interrupts import INTERRUPTED

import asyncio
import atexit
import gc
import inspect
import io
import os
import re
import sys
import time
from collections.abc import Callable, Coroutine
from typing import Any

import typer
from openai import OpenAIError
from temporalio import client
from temporalio.service import RPCError

BAD_INPUT = 2
FAILED = 1

_OPTION = re.compile(r"--?[A-Za-z][\w-]*(=.*)?", re.DOTALL)
_TEXT = "\0"  # marks a word as text; no argument of a process can contain it


def run(main: Callable[..., Coroutine[Any, Any, None]]) -> None:
    """Run `main` as a command, and exit.

    Parameters of `main` become arguments of the command line, those after `*` become options, and
    its docstring is the help. Text may start with a dash; a single word that looks like an option
    needs `--` before it. Characters that standard output cannot encode are replaced.

    Errors that a user can cause are one line on standard error. Exit code 2: no server, no key, an
    invalid setting, bad input. 1: a failed workflow, with the type and message of its root cause.
    130: Ctrl-C, silent. Any other error is a bug and keeps its traceback.
    """
    for stream in (sys.stdin, sys.stdout):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    atexit.unregister(_settle)
    atexit.register(_settle)
    try:
        asyncio.run(main(**_parse(main)))
    except (KeyboardInterrupt, typer.Abort):  # typer's prompts turn Ctrl-C into an Abort
        sys.exit(INTERRUPTED)
    except Exception as error:
        line, code = _describe(error)
        if line is None:
            raise
        print(" ".join(line.split()), file=sys.stderr)
        sys.exit(code)


def _settle() -> None:
    """Let the interpreter exit quickly and without a crash."""
    # A thread of the SDK may still be returning from a client call while the interpreter shuts
    # down, which crashes it (temporalio/sdk-python issue 300).
    time.sleep(0.05)
    gc.freeze()  # the last collection, among everything that the SDKs have loaded, takes 0.4 s


def _describe(error: Exception) -> tuple[str | None, int]:
    """Return the line to print and the exit code; the line is None if the error is a bug."""
    match error:
        case typer.TyperException():
            return error.format_message(), BAD_INPUT
        case ConnectionError():
            return f"{error}. Start one with: uv run temporal server start-dev", BAD_INPUT
        case TooLarge():  # raised in this process, before sending
            return str(root_cause(error)), BAD_INPUT
        case ImportError() if "socksio" in str(error):
            reason = "A SOCKS proxy is set (ALL_PROXY, HTTPS_PROXY), and the package socksio is not"
            fix = "Install it with `uv add socksio`, or unset the proxy."
            return f"{reason} installed. {fix}", BAD_INPUT
        case OpenAIError() if not os.environ.get("OPENAI_API_KEY"):
            reason = "OPENAI_API_KEY is not set. Set it, or use the offline model"
            return f"{reason}: `uv run sample model` prints what to set instead.", BAD_INPUT
        case SettingsError() | OpenAIError():
            return str(error), BAD_INPUT
        case client.WorkflowFailureError():
            return f"Workflow failed: {root_cause(error)}", FAILED
        case client.WorkflowUpdateFailedError():
            return f"Update failed: {root_cause(error)}", FAILED
        case client.WorkflowQueryFailedError():
            return f"Query failed: {error.message}", FAILED
        case RPCError():
            return f"Temporal refused ({error.status.name}): {error.message}", BAD_INPUT
    return None, FAILED


def _parse(main: Callable[..., Coroutine[Any, Any, None]]) -> dict[str, Any]:
    """Return the arguments for `main` from the command line; exit after `--help`."""

    def command(**arguments: Any) -> dict[str, Any]:
        return arguments

    parameters = []
    for parameter in inspect.signature(main, eval_str=True).parameters.values():
        if parameter.kind is not parameter.KEYWORD_ONLY:
            default = ... if parameter.default is parameter.empty else parameter.default
            parameter = parameter.replace(default=typer.Argument(default))
        parameters.append(parameter.replace(kind=parameter.KEYWORD_ONLY))
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__doc__ = main.__doc__

    app = typer.Typer(add_completion=False)
    app.command()(command)
    arguments = app(_with_marks(sys.argv[1:]), standalone_mode=False)
    if not isinstance(arguments, dict):  # --help has been printed
        sys.exit(0)
    return {name: _without_marks(value) for name, value in arguments.items()}


def _with_marks(words: list[str]) -> list[str]:
    """Mark text that starts with a dash, which the parser would take for an option."""
    end = words.index("--") if "--" in words else len(words)
    marked: list[str] = []
    for before, word in zip(["", *words], words, strict=False):
        if any("\ud800" <= character <= "\udfff" for character in word):
            raise typer.BadParameter(f"{word!a} is not valid UTF-8.")
        number = before.startswith("--") and re.fullmatch(r"-[\d.]+", word)
        text = word.startswith("-") and not _OPTION.fullmatch(word) and not number
        marked.append(_TEXT + word if text and len(marked) < end else word)
    return marked


def _without_marks(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_marks(item) for item in value]
    return value.removeprefix(_TEXT) if isinstance(value, str) else value
