"""Runs a script's `main`: a command line from its signature, one-line errors, and exit codes."""

from durable_agents.errors import SettingsError, TooLarge, root_cause
from durable_agents.interrupts import INTERRUPTED, restore
from durable_agents.redaction import well_formed
from durable_agents.shutdown import interruptible

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

BAD_INPUT, FAILED = 2, 1

NO_SOCKS = """A SOCKS proxy is set (ALL_PROXY, HTTPS_PROXY), and the package socksio is not
installed. Install it with `uv add socksio`, or unset the proxy."""
NO_KEY = """OPENAI_API_KEY is not set. Set it, or use the offline model: `uv run sample model`
prints what to set instead."""
_LINES = (
    (ConnectionError, "{0}. Start one with: uv run temporal server start-dev", BAD_INPUT),
    (TooLarge, "{cause}", BAD_INPUT),  # raised in this process, before sending
    ((SettingsError, OpenAIError), "{0}", BAD_INPUT),
    (RPCError, "Temporal refused ({0.status.name}): {0.message}", BAD_INPUT),
    (client.WorkflowFailureError, "Workflow failed: {cause}", FAILED),
    (client.WorkflowUpdateFailedError, "Update failed: {cause}", FAILED),
    (client.WorkflowQueryFailedError, "Query failed: {0.message}", FAILED),
)
_OPTION = re.compile(r"--?[A-Za-z][\w-]*(=.*)?", re.DOTALL)


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
    try:
        restore()
        asyncio.run(interruptible(main(**_parse(main))))
    except (KeyboardInterrupt, typer.Abort):  # typer's prompts turn Ctrl-C into an Abort
        sys.exit(INTERRUPTED)
    except Exception as error:
        line, code = _describe(error)
        if line is None:
            raise
        print(" ".join(line.split()), file=sys.stderr)
        sys.exit(code)


@atexit.register
def _settle() -> None:
    """Let the interpreter exit quickly and without a crash."""
    # A thread of the SDK may still be returning from a client call while the interpreter shuts
    # down, which crashes it (temporalio/sdk-python issue 300).
    time.sleep(0.05)
    gc.freeze()  # the last collection, among everything that the SDKs have loaded, takes 0.4 s


def _describe(error: Exception) -> tuple[str | None, int]:
    """Return the line to print and the exit code; the line is None if the error is a bug."""
    if isinstance(error, typer.TyperException):
        return error.format_message(), BAD_INPUT
    if isinstance(error, ImportError) and "socksio" in str(error):
        return NO_SOCKS, BAD_INPUT
    if isinstance(error, OpenAIError) and not os.environ.get("OPENAI_API_KEY"):
        return NO_KEY, BAD_INPUT
    for kind, line, code in _LINES:
        if isinstance(error, kind):
            return line.format(error, cause=root_cause(error)), code
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

    words = sys.argv[1:]
    for word in words:
        if well_formed(word) != word:
            raise typer.BadParameter(f"{word!a} is not valid UTF-8.")
    options = words[: words.index("--")] if "--" in words else words
    has_text = any(word.startswith("-") and not _OPTION.fullmatch(word) for word in options)
    app = typer.Typer(add_completion=False)
    app.command(context_settings={"ignore_unknown_options": has_text})(command)
    arguments = app(words, standalone_mode=False)
    if not isinstance(arguments, dict):  # --help has been printed
        sys.exit(0)
    return arguments
