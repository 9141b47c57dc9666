"""The command line of `sample`."""

import asyncio
import dataclasses
import gc
import io
import json
import math
import os
import re
import sys
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack, aclosing
from itertools import groupby, islice
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup

from sample_cli import catalog
from sample_cli.catalog import Sample
from sample_cli.crash import HeldCalls, crash_once, model_calls, verdict
from sample_cli.failures import Failure, facts, failures, find_failure, play_each
from sample_cli.processes import Background, CommandError, run_until_signal
from sample_cli.project import create_project
from sample_cli.readme import sync_tables
from sample_cli.record import check_can_record, save
from sample_cli.sample_run import model_line, run_sample, say
from sample_cli.session import STREAM_INTERVAL, Session, Settings, fail_if_worker_exits, session
from sample_cli.temporal_server import wait_for_worker

PORTS = (7233, 8233)
FAULTS = ("429:0.5", "500", "drop")
OPTION = re.compile(r"--?[A-Za-z][\w-]*(=.*)?", re.DOTALL)


class OneLineErrors(TyperGroup):
    """Commands that report a `CommandError` in one line on standard error."""

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


def worker_count(number: str | int) -> int:
    """Return the number of workers of a topic, from 1 to 16; the default comes as a number."""
    if not re.fullmatch(r"[1-9]|1[0-6]", str(number)):
        raise CommandError(f"--workers is {number!r}; the limits are 1 to 16.", 2)
    return int(number)


UNKNOWN_OPTIONS = {"ignore_unknown_options": True}

Name = Annotated[str, typer.Argument(metavar="TOPIC/NAME", help="A sample from `sample list`.")]
Arguments = Annotated[list[str] | None, typer.Argument(help="Arguments for the starter.")]
Address = Annotated[str | None, typer.Option(metavar="HOST:PORT", help="Use a running server.")]
Offline = Annotated[
    bool, typer.Option("--offline", help="Use the offline model even if OPENAI_API_KEY is set.")
]
Keep = Annotated[bool, typer.Option("--keep", help="Keep running afterwards, with the Web UI.")]
Crash = Annotated[bool, typer.Option("--crash", help="Kill the worker during a model call.")]
Faults = Annotated[bool, typer.Option("--faults", help="Inject 429, 500, and a lost connection.")]
Encrypt = Annotated[bool, typer.Option("--encrypt", help="Encrypt history with a throw-away key.")]
Workers = Annotated[
    int, typer.Option(parser=worker_count, metavar="N", help="Workers of each topic: 1 to 16.")
]


@app.command("list")
def list_samples(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show all samples by group and topic, in learning order.

    Example: sample list
    """
    if as_json:
        typer.echo(json.dumps([_facts(each) for each in catalog.samples(catalog.ROOT)], indent=2))
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
    encrypt: Encrypt = False,
    workers: Workers = 1,
) -> None:
    """Run a sample, and show the timeline of its workflows.

    Starts a Temporal server, the sample's worker, and its starter, which uses the terminal. The
    exit code is the starter's. Model calls go to OpenAI, or to OPENAI_BASE_URL, if
    OPENAI_API_KEY is set, otherwise to the offline model.

    These options can come before or after the name. Other arguments after the name go to the
    starter, and so does everything after `--` or after text that starts with a dash.

    Example: sample run basic/tools "Weather in Oslo?"

    Example: sample run --crash basic/tools

    Example: sample run basic/tools -- --help
    """
    sample = catalog.find(name, catalog.ROOT)
    settings = Settings(address=address, offline=offline, encrypt=encrypt, workers=workers)
    _run(run_and_report(sample, arguments or [], settings, keep=keep, crash=crash, faults=faults))


@app.command()
def up(
    db: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Keep the server's state here. Default: in memory."),
    ] = None,
    address: Address = None,
    offline: Offline = False,
    workers: Workers = 1,
) -> None:
    """Start a server and all workers, and the offline model unless OPENAI_API_KEY is set.

    Uses the ports 7233 and 8233 (Web UI) if they are free. With --db, SQLite runs with
    journal_mode=WAL and synchronous=NORMAL: nearly twice as fast, but a power failure can lose the
    last writes. Ctrl-C stops everything.

    Example: sample up --db state.db
    """
    if db and address:
        raise CommandError(
            "--db applies only to a server that this command starts. Omit --address.", 2
        )
    settings = Settings(address=address, offline=offline, db=db, ports=PORTS, workers=workers)
    _run(_serve_all(settings))


@app.command()
def model(
    port: Annotated[
        int,
        typer.Option(min=0, max=65535, help="Default: any free port.", show_default=False),
    ] = 0,
) -> None:
    """Run the offline model alone. It serves OpenAI's API.

    Example: sample model --port 8090
    """
    _run(_serve_model(port))


@app.command(cls=PassThrough, context_settings=UNKNOWN_OPTIONS)
def record(name: Name, arguments: Arguments = None) -> None:
    """Run a sample offline, and save its history for the replay test.

    Writes tests/histories/TOPIC/NAME.json, and NAME.2.json and so on for the runs after a
    continue-as-new, without this machine's names and paths. Never overwrites a file.

    Example: sample record basic/tools "Weather in Oslo?"
    """
    _run(record_history(catalog.find(name, catalog.ROOT), arguments or []))


@app.command()
def fail(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...")] = None,
    every: Annotated[bool, typer.Option("--all", help="Play all failures.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show how durable agents fail: the plain plugin and durable_agents, side by side.

    Without NAME, lists the failures. Each is played twice, offline, on a new server: as written
    after reading the plugin's documentation, and with the cure. A single NAME also shows the cause,
    the code of the cure, and timelines. The exit code is 0 if all versions behave as described,
    otherwise 1.

    Example: sample fail unknown_tool

    Example: sample fail --all
    """
    if names and every:
        raise CommandError("Give names or --all, not both.", 2)
    chosen = failures() if every else [find_failure(name) for name in names or []]
    if chosen:
        _run(_play_failures(chosen, as_json=as_json))
    elif as_json:
        typer.echo(json.dumps([facts(each) for each in failures()], indent=2))
    else:
        for group, members in groupby(failures(), key=lambda failure: failure.group):
            typer.echo(f"{group}\n")
            for failure in members:
                typer.echo(f"    {failure.name}\n        {failure.symptom}")
            typer.echo()


@app.command("new")
def new_project(
    path: Annotated[Path, typer.Argument(help="A new or empty folder.")],
    name: Annotated[
        str | None, typer.Option(help="The project's name. Default: the folder's.")
    ] = None,
) -> None:
    """Create your own project: an agent with a tool, its worker, tests, and durable_agents.

    It also gets a Dockerfile, a CI workflow, and a skill for coding assistants.

    Example: sample new ../my-agent
    """
    name = create_project(path, name)
    typer.echo(f"Created {name}. Next: cd {path} && uv run pytest")


@app.command()
def readme(
    check: Annotated[bool, typer.Option("--check", help="Change nothing; fail if stale.")] = False,
) -> None:
    """Update the generated texts: samples in README files, and the failures.

    Samples are between the lines `<!-- samples -->` and `<!-- /samples -->`. The failures are in
    docs/failures.md, and between similar lines in skills/durable-agents/SKILL.md.

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


async def run_and_report(
    sample: Sample,
    arguments: Sequence[str],
    settings: Settings,
    *,
    keep: bool,
    crash: bool,
    faults: bool,
) -> int:
    """Run a sample and show its timeline; return the starter's exit code."""
    held = HeldCalls()
    if faults:
        if settings.real_model:
            raise CommandError("--faults needs the offline model. Add --offline.", 2)
        held.next(*FAULTS)
    if not crash:
        held.answered = math.inf
    settings = dataclasses.replace(settings, faults=held)
    async with run_sample(sample, arguments, settings) as current:
        from sample_cli.timeline_table import show  # while the sample starts

        crashed = await crash_once(current, held) if crash else None
        code = await current.wait()
        for line in current.worker_output():
            print(line, flush=True)
        runs = await current.wait_for_history(0 if code else 1)
        show(runs)
        if crashed:
            print(f"\n{await verdict(current, crashed, runs)}", flush=True)
        if faults and (offline := await current.session.model()):
            answers = ", ".join(call.fault or str(call.status) for call in offline.calls)
            made, needed = await model_calls(current, runs)
            print(f"\nThe model answered: {answers}", flush=True)
            print(f"Model calls: {made} made, {needed} needed.", flush=True)
        if keep:
            for worker in current.workers:
                say(f"The log of {worker.name}: {worker.log}")
            await _wait_for_signal(current.session)
        return code


async def _play_failures(chosen: Sequence[Failure], *, as_json: bool) -> int:
    from sample_cli.failure_report import show_report  # imports rich

    found: list[dict[str, object]] = []
    as_described = True
    async with aclosing(play_each(chosen)) as plays:
        async for failure, played in plays:
            as_described &= all(each.as_described for each in played)
            if as_json:
                found.append(facts(failure, played))
            else:
                show_report(failure, played, details=len(chosen) == 1)
    if as_json:
        typer.echo(json.dumps(found, indent=2))
    return int(not as_described)


async def record_history(sample: Sample, arguments: Sequence[str]) -> int:
    """Run a sample offline and save its histories; return the starter's exit code."""
    check_can_record(sample)
    async with run_sample(sample, arguments, Settings(offline=True)) as current:
        if code := await current.wait():
            raise CommandError(f"Nothing was recorded: the starter exited with code {code}.", code)
        runs = await current.wait_for_history()
        if not runs:
            raise CommandError("Nothing was recorded: the starter started no workflow.")
        for file in await save(sample, runs, await current.session.server.client()):
            typer.echo(f"Recorded {file.relative_to(sample.root).as_posix()}")
        return 0


async def _serve_all(settings: Settings) -> int:
    say(model_line(settings))
    async with session(settings) as here, AsyncExitStack() as stack:
        first_samples = [topic.samples[0] for topic in catalog.topics(catalog.ROOT)]
        for sample in first_samples:
            await here.check_no_other_worker(sample)
        await here.model()
        waiting = iter(first_samples)
        # All at once would starve each other, and everything else on this machine.
        while batch := list(islice(waiting, os.cpu_count() or 1)):
            for sample in batch * settings.workers:
                await stack.enter_async_context(here.worker(sample))
            for sample in batch:
                polled = wait_for_worker(here.server, sample.task_queue, count=settings.workers)
                await fail_if_worker_exits(polled, *here.workers)
                say(f"{sample.topic}: {settings.workers} polling {sample.task_queue}")
        say("For another terminal:")
        for name in ("TEMPORAL_ADDRESS", "OPENAI_BASE_URL", "OPENAI_API_KEY"):
            if name == "TEMPORAL_ADDRESS" or not settings.real_model:  # never the user's own key
                typer.echo(f"export {name}={here.env[name]}")
        await asyncio.gather(_wait_for_signal(here), *map(_report_exit, here.workers))
    return 0


async def _serve_model(port: int) -> int:
    from offline_model.server import OfflineModel

    try:
        with OfflineModel(port=port, stream_interval=STREAM_INTERVAL) as offline:
            say("The offline model is running; its answers are scripted. For another terminal:")
            typer.echo(f"export OPENAI_BASE_URL={offline.base_url}\nexport OPENAI_API_KEY=offline")
            await asyncio.Event().wait()
    except OSError as error:
        raise CommandError(f"Port {port}: {error}. Choose another --port.", 2) from error
    return 0


async def _report_exit(worker: Background) -> None:
    say(f"{worker.name} exited with code {await worker.wait()}:\n{worker.tail()}")


async def _wait_for_signal(here: Session) -> None:
    if here.codec_port:
        options = f"--address {here.server.address} --codec-endpoint {here.codec_endpoint}"
        say(f"Decrypted: temporal workflow show {options} --workflow-id ID")
    if here.server.ui:
        say(f"Web UI: {here.server.ui}")
    async with here.codec_server():
        say("Everything keeps running until Ctrl-C.")
        await asyncio.Event().wait()
