"""What the commands do that start processes."""

import asyncio
import dataclasses
from collections.abc import Sequence
from contextlib import AsyncExitStack

import typer

from sample_cli.catalog import ROOT, Sample, topics
from sample_cli.crash import HeldCalls, crash_once, model_calls, verdict
from sample_cli.history_timeline import Run
from sample_cli.processes import Background, Failed
from sample_cli.record import refuse_recorded, save
from sample_cli.sample_run import model_line, played, refuse_served, say, settled
from sample_cli.session import Session, Settings, session, while_alive
from sample_cli.temporal_server import wait_for_worker

FAULTS = ("429:0.5", "500", "drop")
NO_FAULTS = "--faults is for the offline model: OPENAI_API_KEY is set, add --offline."


async def run(
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
            raise Failed(NO_FAULTS, 2)
        held.next(*FAULTS)
    if not crash:
        held.release()
    settings = dataclasses.replace(settings, faults=held)
    async with played(sample, arguments, settings) as play:
        crashed = await crash_once(play, held) if crash else None
        code = await play.ended()
        for line in play.told():
            print(line, flush=True)
        runs = await settled(play, code)
        _show(runs)
        if crashed:
            print(f"\n{await verdict(play, crashed, runs)}", flush=True)
        if faults and (offline := await play.session.model()):
            answers = ", ".join(call.fault or str(call.status) for call in offline.calls)
            made, needed = await model_calls(play, runs)
            print(f"\nThe model answered: {answers}", flush=True)
            print(f"Model calls: {made} made, {needed} needed.", flush=True)
        if keep:
            say(f"The worker's log: {play.worker.log}")
            await _keep(play.session)
        return code


async def record(sample: Sample, arguments: Sequence[str]) -> int:
    """Run a sample offline and keep the histories; return the starter's exit code."""
    refuse_recorded(sample)
    async with played(sample, arguments, Settings(offline=True)) as play:
        if code := await play.ended():
            raise Failed("Nothing is recorded: the starter failed.", code)
        runs = await settled(play, 0)
        if not runs:
            raise Failed("Nothing is recorded: the starter started no workflow.")
        for file in await save(sample, runs, await play.session.server.client()):
            typer.echo(f"Recorded {file.relative_to(sample.root).as_posix()}")
        return 0


async def up(settings: Settings) -> int:
    """Run a server, the offline model and every worker until a signal comes."""
    say(model_line(settings))
    async with session(settings) as here, AsyncExitStack() as stack:
        first = [samples[0] for samples in topics(ROOT).values()]
        for sample in first:
            await refuse_served(here, sample)
        workers = [await stack.enter_async_context(here.worker(sample)) for sample in first]
        await here.model()
        for sample, worker in zip(first, workers, strict=True):
            waiting = wait_for_worker(here.server, sample.task_queue, ())
            await while_alive(waiting, worker)
            say(f"{sample.topic}: its worker polls {sample.task_queue}")
        _addresses(here)
        await asyncio.gather(_keep(here), *map(_report_end, workers))
    return 0


async def model(port: int) -> int:
    """Run the offline model until a signal comes."""
    from offline_model.server import OfflineModel

    try:
        with OfflineModel(port=port) as offline:
            say("A stand-in for a model: it answers without thinking. For another terminal:")
            typer.echo(f"export OPENAI_BASE_URL={offline.base_url}\nexport OPENAI_API_KEY=offline")
            await asyncio.Event().wait()
    except OSError as error:
        raise Failed(f"Port {port} cannot be used: {error}", 2) from error
    return 0


def _show(runs: list[Run]) -> None:
    from rich.console import Console  # imported late: the sample is what one waits for

    from sample_cli.timeline_table import show

    show(runs, Console())


async def _report_end(worker: Background) -> None:
    code = await worker.wait()
    say(f"{worker.name} ended, exit code {code}:\n{worker.tail()}")


def _addresses(here: Session) -> None:
    say("For another terminal:")
    for name in ("TEMPORAL_ADDRESS", "OPENAI_BASE_URL", "OPENAI_API_KEY"):
        # A key of the user's own is theirs, and in that terminal already.
        if name == "TEMPORAL_ADDRESS" or here.offline:
            typer.echo(f"export {name}={here.env[name]}")


async def _keep(here: Session) -> None:
    if here.server.ui:
        say(f"Web UI: {here.server.ui}")
    say("Everything stays up until Ctrl-C.")
    await asyncio.Event().wait()
