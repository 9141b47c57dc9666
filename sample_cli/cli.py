"""The command line of `sample`."""

import gc
import io
import json
import re
import sys
from collections.abc import Coroutine
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup

from sample_cli import catalog, commands
from sample_cli.catalog import Sample
from sample_cli.processes import CommandError, run_until_signal
from sample_cli.readme import sync_tables
from sample_cli.session import Settings

OPTION = re.compile(r"--?[A-Za-z][\w-]*(=.*)?", re.DOTALL)


class OneLineErrors(TyperGroup):
    """Commands that end a `CommandError` in one line on standard error."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except CommandError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(error.exit_code) from error


class PassThrough(TyperCommand):
    """A command that passes unknown options, and text that starts with a dash, to the starter."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the command line."""
        for number, word in enumerate(args):
            if word == "--":
                break
            if word.startswith("-") and not OPTION.fullmatch(word):
                args = [*args[:number], "--", *args[number:]]
                break
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=OneLineErrors,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="List, run, and record the samples. Start with: sample run basic/hello_world",
)
UNKNOWN_OPTIONS = {"ignore_unknown_options": True}

Name = Annotated[str, typer.Argument(metavar="TOPIC/NAME", help="A sample from `sample list`.")]
Arguments = Annotated[list[str] | None, typer.Argument(help="Arguments for the starter.")]
Address = Annotated[str | None, typer.Option(metavar="HOST:PORT", help="Use a running server.")]
Offline = Annotated[bool, typer.Option("--offline", help="Use the offline model despite a key.")]
Keep = Annotated[bool, typer.Option("--keep", help="Keep everything running, with the Web UI.")]
Crash = Annotated[bool, typer.Option("--crash", help="Kill the worker during a model call.")]
Faults = Annotated[bool, typer.Option("--faults", help="Inject 429, 500, and a lost connection.")]


@app.command("list")
def list_samples(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show all samples by group and topic, in learning order.

    Example: sample list
    """
    if as_json:
        facts = [_facts(sample) for sample in catalog.samples(catalog.ROOT)]
        typer.echo(json.dumps(facts, indent=2))
        return
    for group, topics in groupby(catalog.topics(catalog.ROOT), key=lambda topic: topic.group):
        typer.echo(f"{group}\n")
        for topic in topics:
            facts = [_facts(sample) for sample in topic.samples]
            typer.echo(f"  {topic.name}: {topic.summary}")
            typer.echo(f"  queue {facts[0]['task_queue']}, worker {facts[0]['worker']}\n")
            for fact in facts:
                typer.echo(f"    {fact['id']} ({fact['starter']})\n        {fact['summary']}")
            typer.echo()


@app.command(cls=PassThrough, context_settings=UNKNOWN_OPTIONS)
def run(
    name: Name,
    arguments: Arguments = None,
    address: Address = None,
    offline: Offline = False,
    keep: Keep = False,
    crash: Crash = False,
    faults: Faults = False,
) -> None:
    """Run a sample, and show the timeline of its workflows.

    Starts a Temporal server, the sample's worker, and its starter, which owns the terminal. The
    exit code is the starter's. Model calls go to OpenAI if OPENAI_API_KEY is set, otherwise to the
    offline model.

    These options can come before or after the name. Other arguments after the name go to the
    starter, and so does everything after `--` or after text that starts with a dash.

    Example: sample run basic/tools "Weather in Oslo?"

    Example: sample run --crash basic/tools

    Example: sample run basic/tools -- --help
    """
    sample = catalog.find(name, catalog.ROOT)
    settings = Settings(address=address, offline=offline)
    words = arguments or []
    _run(commands.run(sample, words, settings, keep=keep, crash=crash, faults=faults))


@app.command()
def up(
    db: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Keep the server's state here. Default: in memory."),
    ] = None,
    address: Address = None,
    offline: Offline = False,
) -> None:
    """Start a server, the offline model, and all workers.

    Uses the ports 7233 and 8233 (Web UI) if they are free. With --db, SQLite runs with
    journal_mode=WAL and synchronous=NORMAL: nearly twice as fast, but a power failure can lose the
    last writes. Ctrl-C stops everything.

    Example: sample up --db state.db
    """
    if db and address:
        raise CommandError("--db applies to a server that is started: omit --address.", 2)
    settings = Settings(address=address, offline=offline, db=db, port=7233, ui_port=8233)
    _run(commands.up(settings))


@app.command()
def model(
    port: Annotated[int, typer.Option(help="Default: any free port.", show_default=False)] = 0,
) -> None:
    """Run the offline model alone. It serves OpenAI's API.

    Example: sample model --port 8090
    """
    _run(commands.model(port))


@app.command(cls=PassThrough, context_settings=UNKNOWN_OPTIONS)
def record(name: Name, arguments: Arguments = None) -> None:
    """Run a sample offline, and save its history for the replay test.

    Writes tests/histories/TOPIC/NAME.json, and NAME.2.json and so on for the runs after a
    continue-as-new, without this machine's names and paths. Never overwrites a file.

    Example: sample record basic/tools "Weather in Oslo?"
    """
    sample = catalog.find(name, catalog.ROOT)
    _run(commands.record(sample, arguments or []))


@app.command()
def readme(
    check: Annotated[bool, typer.Option("--check", help="Change nothing; fail if stale.")] = False,
) -> None:
    """Update the tables of samples in the README files.

    The tables are between the lines `<!-- samples -->` and `<!-- /samples -->`.

    Example: sample readme --check
    """
    for problem in (problems := sync_tables(catalog.ROOT, write=not check)):
        typer.echo(problem, err=True)
    raise typer.Exit(1 if problems else 0)


def _facts(sample: Sample) -> dict[str, str]:
    return {
        "id": sample.id,
        "summary": sample.summary,
        "task_queue": sample.task_queue,
        "worker": sample.worker.relative_to(sample.root).as_posix(),
        "starter": sample.starter.relative_to(sample.root).as_posix(),
    }


def _run(command: Coroutine[Any, Any, int]) -> NoReturn:
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a timeline can contain any character
    code = run_until_signal(command)
    gc.freeze()  # the last garbage collection of the interpreter would take half a second
    raise typer.Exit(code)
