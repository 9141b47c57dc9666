"""The commands that start processes."""

import asyncio
import dataclasses
import math
from collections.abc import Sequence
from contextlib import AsyncExitStack

import typer

from sample_cli.catalog import ROOT, Sample, topics
from sample_cli.crash import HeldCalls, crash_once, model_calls, verdict
from sample_cli.processes import Background, CommandError
from sample_cli.record import check_can_record, save
from sample_cli.sample_run import check_no_other_worker, model_line, run_sample, say
from sample_cli.session import Session, Settings, fail_if_worker_exits, session
from sample_cli.temporal_server import wait_for_worker

FAULTS = ("429:0.5", "500", "drop")
FAULTS_NEED_OFFLINE = "--faults needs the offline model: OPENAI_API_KEY is set, add --offline."


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
            raise CommandError(FAULTS_NEED_OFFLINE, 2)
        held.next(*FAULTS)
    if not crash:
        held.answered = math.inf
    settings = dataclasses.replace(settings, faults=held)
    async with run_sample(sample, arguments, settings) as current:
        crashed = await crash_once(current, held) if crash else None
        code = await current.wait()
        for line in current.worker_output():
            print(line, flush=True)
        runs = await current.wait_for_history(0 if code else 1)
        from sample_cli.timeline_table import show  # late, so that the sample starts sooner

        show(runs)
        if crashed:
            print(f"\n{await verdict(current, crashed, runs)}", flush=True)
        if faults and (offline := await current.session.model()):
            answers = ", ".join(call.fault or str(call.status) for call in offline.calls)
            made, needed = await model_calls(current, runs)
            print(f"\nThe model answered: {answers}", flush=True)
            print(f"Model calls: {made} made, {needed} needed.", flush=True)
        if keep:
            say(f"The worker's log: {current.worker.log}")
            await _wait_for_signal(current.session)
        return code


async def record(sample: Sample, arguments: Sequence[str]) -> int:
    """Run a sample offline and save its histories; return the starter's exit code."""
    check_can_record(sample)
    async with run_sample(sample, arguments, Settings(offline=True)) as current:
        if code := await current.wait():
            raise CommandError("Nothing was recorded: the starter failed.", code)
        runs = await current.wait_for_history()
        if not runs:
            raise CommandError("Nothing was recorded: the starter started no workflow.")
        for file in await save(sample, runs, await current.session.server.client()):
            typer.echo(f"Recorded {file.relative_to(sample.root).as_posix()}")
        return 0


async def up(settings: Settings) -> int:
    """Run a server, the offline model, and all workers until a signal arrives."""
    say(model_line(settings))
    async with session(settings) as here, AsyncExitStack() as stack:
        first_samples = [topic.samples[0] for topic in topics(ROOT)]
        for sample in first_samples:
            await check_no_other_worker(here, sample)
        workers = [await stack.enter_async_context(here.worker(each)) for each in first_samples]
        await here.model()
        for sample, worker in zip(first_samples, workers, strict=True):
            await fail_if_worker_exits(wait_for_worker(here.server, sample.task_queue), worker)
            say(f"{sample.topic}: its worker polls {sample.task_queue}")
        say("For another terminal:")
        for name in ("TEMPORAL_ADDRESS", "OPENAI_BASE_URL", "OPENAI_API_KEY"):
            if name == "TEMPORAL_ADDRESS" or here.offline:  # never print the user's own key
                typer.echo(f"export {name}={here.env[name]}")
        await asyncio.gather(_wait_for_signal(here), *map(_report_exit, workers))
    return 0


async def model(port: int) -> int:
    """Run the offline model until a signal arrives."""
    from offline_model.server import OfflineModel

    try:
        with OfflineModel(port=port) as offline:
            say("The offline model is running; its answers are scripted. For another terminal:")
            typer.echo(f"export OPENAI_BASE_URL={offline.base_url}\nexport OPENAI_API_KEY=offline")
            await asyncio.Event().wait()
    except OSError as error:
        raise CommandError(f"Port {port} cannot be used: {error}", 2) from error
    return 0


async def _report_exit(worker: Background) -> None:
    code = await worker.wait()
    say(f"{worker.name} ended, exit code {code}:\n{worker.tail()}")


async def _wait_for_signal(here: Session) -> None:
    if here.server.ui:
        say(f"Web UI: {here.server.ui}")
    say("Everything keeps running until Ctrl-C.")
    await asyncio.Event().wait()
