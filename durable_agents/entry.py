"""Runs a script's `main`: command line from its signature, errors as one line, exit codes."""

import asyncio
import atexit
import gc
import inspect
import os
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

from durable_agents.errors import root_cause

# The interpreter's last search for garbage, among all that the SDKs have loaded, takes 0.4 s.
atexit.register(gc.freeze)

BAD_INPUT = 2
FAILED = 1
INTERRUPTED = 130  # 128 + SIGINT, as shells have it


def run(main: Callable[..., Coroutine[Any, Any, None]]) -> None:
    """Run `main` as a command, and exit.

    Parameters of `main` become arguments of the command line, those after `*` options; its
    docstring is the help. What a user can cause ends in one line on standard error: no server, no
    key, bad input: exit code 2; a failed workflow: 1, with the type and message of its root cause;
    Ctrl-C: 130, silent. Anything else is a bug and keeps its traceback.
    """
    try:
        asyncio.run(main(**_parse(main)))
    except (KeyboardInterrupt, typer.Abort):  # typer's prompts turn Ctrl-C into an Abort
        sys.exit(INTERRUPTED)
    except typer.TyperException as error:
        _fail(error.format_message(), BAD_INPUT)
    except ConnectionError as error:
        _fail(f"{error}. Start one with: uv run temporal server start-dev", BAD_INPUT)
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
    arguments = app(standalone_mode=False)
    if not isinstance(arguments, dict):  # --help has been printed
        sys.exit(0)
    return arguments


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
