"""The `sample` command: what a person types, and nothing of how it is done."""

# What a command needs is imported inside it: `sample --help` and `sample list` answer at once.

import gc
import io
import json
import re
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperCommand

from sample_cli import catalog
from sample_cli.catalog import Sample, UnknownSample
from sample_cli.processes import Failed, run_until_signal

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Lists, runs and records the samples. Start with: sample run basic/hello_world",
)
PASS_ON = {"ignore_unknown_options": True}


class PassingOn(TyperCommand):
    """A command whose unknown options, and all text that begins with a dash, go to the starter."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the command line."""
        for number, word in enumerate(args):
            if word == "--":
                break
            if word.startswith("-") and not OPTION.fullmatch(word):
                args = [*args[:number], "--", *args[number:]]
                break
        return super().parse_args(ctx, args)


OPTION = re.compile(r"--?[A-Za-z][\w-]*(=.*)?", re.DOTALL)

Name = Annotated[str, typer.Argument(metavar="TOPIC/NAME", help="One of `sample list`.")]
Arguments = Annotated[
    list[str] | None,
    typer.Argument(metavar="ARGUMENTS", help="Go to the sample's starter script."),
]
Address = Annotated[
    str | None,
    typer.Option(metavar="HOST:PORT", help="Use this Temporal server instead of one of our own."),
]
Offline = Annotated[
    bool, typer.Option("--offline", help="Use the offline model although OPENAI_API_KEY is set.")
]
Keep = Annotated[
    bool, typer.Option("--keep", help="Keep everything up afterwards, with the Web UI.")
]
Crash = Annotated[
    bool, typer.Option("--crash", help="Kill the worker during a model call; see the run continue.")
]
Faulty = Annotated[
    bool, typer.Option("--faults", help="The offline model is throttled, fails, hangs up.")
]


@app.command("list")
def list_samples(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Show all samples: what each one is for.

    Example: sample list
    """
    if as_json:
        facts = [_facts(sample) for sample in catalog.samples(catalog.ROOT)]
        typer.echo(json.dumps(facts, indent=2))
        return
    for topic, found in catalog.topics(catalog.ROOT).items():
        facts = [_facts(sample) for sample in found]
        typer.echo(f"{topic}: queue {facts[0]['task_queue']}, worker {facts[0]['worker']}")
        for fact in facts:
            typer.echo(f"  {fact['id']} ({fact['starter']})\n      {fact['summary']}")


@app.command(cls=PassingOn, context_settings=PASS_ON)
def run(
    name: Name,
    arguments: Arguments = None,
    address: Address = None,
    offline: Offline = False,
    keep: Keep = False,
    crash: Crash = False,
    faults: Faulty = False,
) -> None:
    """Run a sample, and show the timeline of what happened.

    Starts a Temporal server, the sample's worker, and its starter, which has the terminal. The
    exit code is the starter's. Model calls go to OpenAI when OPENAI_API_KEY is set, otherwise to
    an offline stand-in.

    Our options may stand before or after the name. What else follows the name goes to the
    starter; after `--`, or text that begins with a dash, everything does.

    Example: sample run basic/tools "Weather in Oslo?"

    Example: sample run --crash basic/tools

    Example: sample run basic/tools -- --help
    """
    sample = _find(name)
    from sample_cli import commands
    from sample_cli.session import Settings

    settings = Settings(address=address, offline=offline)
    words = arguments or []
    _do(commands.run(sample, words, settings, keep=keep, crash=crash, faults=faults))


@app.command()
def up(
    db: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Keep the server's state here. Default: forget it."),
    ] = None,
    address: Address = None,
    offline: Offline = False,
) -> None:
    """Start a server, the offline model and all workers.

    Ports 7233 and 8233 (Web UI) are taken if they are free. With --db, SQLite runs with
    journal_mode=WAL and synchronous=NORMAL, which is nearly twice as fast; a power cut may cost
    the last moments. Ctrl-C ends everything.

    Example: sample up --db state.db
    """
    if db and address:
        _fail("--db is for a server of our own: leave out --address.", 2)
    from sample_cli import commands
    from sample_cli.session import Settings

    settings = Settings(address=address, offline=offline, db=db, port=7233, ui_port=8233)
    _do(commands.up(settings))


@app.command()
def model(
    port: Annotated[int, typer.Option(help="Default: any free port.", show_default=False)] = 0,
) -> None:
    """Run the offline model alone: it speaks OpenAI's API.

    Example: sample model --port 8090
    """
    from sample_cli import commands

    _do(commands.model(port))


@app.command(cls=PassingOn, context_settings=PASS_ON)
def record(name: Name, arguments: Arguments = None) -> None:
    """Run a sample offline and keep its history, for the replay test.

    The file is tests/histories/TOPIC/NAME.json, and NAME.2.json and so on for the runs after a
    continue-as-new. Names, paths and processes of this machine are left out. A file that is there
    is never overwritten.

    Example: sample record basic/tools "Weather in Oslo?"
    """
    sample = _find(name)
    from sample_cli import commands

    _do(commands.record(sample, arguments or []))


@app.command()
def readme(
    check: Annotated[bool, typer.Option("--check", help="Change nothing; fail if stale.")] = False,
) -> None:
    """Write the tables of samples in the README files.

    They stand between the lines `<!-- samples -->` and `<!-- /samples -->`.

    Example: sample readme --check
    """
    from sample_cli.readme import stale

    for problem in (problems := stale(catalog.ROOT, write=not check)):
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


def _find(name: str) -> Sample:
    try:
        return catalog.find(name, catalog.ROOT)
    except UnknownSample as error:
        _fail(str(error), 2)


def _do(work: Coroutine[Any, Any, int]) -> NoReturn:
    """Run a command to its end, and exit with its code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a name in the timeline may have any character
    try:
        code = run_until_signal(work)
    except Failed as error:
        _fail(str(error), error.code)
    gc.freeze()  # the interpreter's last collection would walk half a second of dead imports
    raise typer.Exit(code)


def _fail(message: str, code: int) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(code)
