"""Runs a script's `main`: command line from its signature, errors as one line, exit codes."""

from durable_agents._interrupts import INTERRUPTED
from durable_agents.errors import TooLarge, root_cause
from durable_agents.settings import SettingsError

import asyncio
import atexit
import gc
import inspect
import io
import os
import re
import sys
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn

import typer
from openai import OpenAIError
from temporalio.client import (
    WorkflowFailureError,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
)
from temporalio.service import RPCError

# The interpreter's last search for garbage, among all that the SDKs have loaded, takes 0.4 s.
atexit.register(gc.freeze)

BAD_INPUT = 2
FAILED = 1

NO_SOCKS = (
    "A SOCKS proxy is set (ALL_PROXY, HTTPS_PROXY), and the package socksio is not installed. "
    "Install it with `uv add socksio`, or unset the proxy."
)
OPTION = re.compile(r"--?[A-Za-z][\w-]*(=.*)?", re.DOTALL)
MARK = "\0"  # no argument of a process can contain it


def run(main: Callable[..., Coroutine[Any, Any, None]]) -> None:
    """Run `main` as a command, and exit.

    Parameters of `main` become arguments of the command line, those after `*` options; its
    docstring is the help. Text may begin with a dash; a single word that looks like an option
    needs `--` before it. Characters that standard output cannot encode are replaced.

    What a user can cause ends in one line on standard error: no server, no key, an invalid
    setting, bad input: exit code 2; a failed workflow: 1, with the type and message of its root
    cause; Ctrl-C: 130, silent. Anything else is a bug and keeps its traceback.
    """
    for stream in (sys.stdin, sys.stdout):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        asyncio.run(main(**_parse(main)))
    except (KeyboardInterrupt, typer.Abort):  # typer's prompts turn Ctrl-C into an Abort
        sys.exit(INTERRUPTED)
    except typer.TyperException as error:
        _fail(error.format_message(), BAD_INPUT)
    except ConnectionError as error:
        _fail(f"{error}. Start one with: uv run temporal server start-dev", BAD_INPUT)
    except SettingsError as error:
        _fail(str(error), BAD_INPUT)
    except TooLarge as error:  # what the script itself would have sent
        _fail(str(root_cause(error)), BAD_INPUT)
    except ImportError as error:
        if "socksio" not in str(error):
            raise
        _fail(NO_SOCKS, BAD_INPUT)
    except OpenAIError as error:
        _fail(_model_problem(error), BAD_INPUT)
    except WorkflowFailureError as error:
        _fail(f"Workflow failed: {root_cause(error)}", FAILED)
    except WorkflowUpdateFailedError as error:
        _fail(f"Update failed: {root_cause(error)}", FAILED)
    except WorkflowQueryFailedError as error:
        _fail(f"Query failed: {error.message}", FAILED)
    except RPCError as error:
        _fail(f"Temporal refused ({error.status.name}): {error.message}", BAD_INPUT)


def _parse(main: Callable[..., Coroutine[Any, Any, None]]) -> dict[str, Any]:
    """Return the arguments for `main` from the command line; exits after `--help`."""

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
    arguments = app(_marked(sys.argv[1:]), standalone_mode=False)
    if not isinstance(arguments, dict):  # --help has been printed
        sys.exit(0)
    return {name: _unmarked(value) for name, value in arguments.items()}


def _marked(words: list[str]) -> list[str]:
    """Mark the words that are text although they begin with a dash: the parser refuses them."""
    end = words.index("--") if "--" in words else len(words)
    marked: list[str] = []
    for before, word in zip(["", *words], words, strict=False):
        if any("\ud800" <= character <= "\udfff" for character in word):
            raise typer.BadParameter(f"{word!a} is not valid UTF-8.")
        number = before.startswith("--") and re.fullmatch(r"-[\d.]+", word)
        text = word.startswith("-") and not OPTION.fullmatch(word) and not number
        marked.append(MARK + word if text and len(marked) < end else word)
    return marked


def _unmarked(value: Any) -> Any:
    if isinstance(value, list):
        return [_unmarked(item) for item in value]
    return value.removeprefix(MARK) if isinstance(value, str) else value


def _model_problem(error: OpenAIError) -> str:
    if os.environ.get("OPENAI_API_KEY"):
        return str(error)
    return (
        "OPENAI_API_KEY is not set. Set it, or use the offline model: "
        "`uv run sample model` prints what to set instead."
    )


def _fail(line: str, code: int) -> NoReturn:
    print(" ".join(line.split()), file=sys.stderr)
    sys.exit(code)
