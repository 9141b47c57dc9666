"""Compares this project with the plain Runner, DBOS, and Restate, and updates docs/performance.md.

    uv sync --group peers
    npm install --ignore-scripts --prefix ~/restate @restatedev/restate-server@1.7
    PATH=$PATH:~/restate/node_modules/.bin uv run benchmarks/peers/run.py

Linux only. Takes 12 minutes, or 20 on a slow machine. The systems take turns on the same agent and
model, so a busy machine changes the times, but hardly the ratios.
"""

from durable_agents import run

import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from uuid import uuid4

import typer

from benchmarks.peers.measure import Running, Size
from benchmarks.peers.model_server import ModelServer
from benchmarks.peers.report import Results, load, report, save, write_page
from benchmarks.peers.servers import SERVERS, Server
from benchmarks.peers.systems import SYSTEMS, System
from sample_cli.catalog import ROOT

PAGE = ROOT / "docs" / "performance.md"
STARTING = 2  # systems at once, which are busy with imports
BRIEF = Size(sequential=3, concurrent=8, killed=6)


async def main(
    *,
    rounds: int = 3,
    kills: int = 1,
    only: str = "",
    results: Path | None = None,
    brief: bool = False,
) -> None:
    """Measure all systems in ROUNDS, kill each worker KILLS times, and update docs/performance.md.

    ONLY names systems, such as `plain,default`; the page is not updated. RESULTS is a file to which
    the figures are added, so rounds can be measured at different times. --brief makes few runs.
    """
    systems = [each for each in chosen(only) if not each.how_to_install]
    if not rounds:
        systems = [each for each in systems if each.is_killed]
    found = load(results)
    async with running(systems) as machines:
        async for line in measure(machines, rounds, kills, BRIEF if brief else Size(), found):
            print(line, flush=True)
            if results:
                save(results, found)
    print(report(found))
    if not (only or brief):
        write_page(PAGE, found)


def chosen(only: str) -> list[System]:
    """Return the named systems, or all; exit with an error if there is no such system."""
    names = only.split(",") if only else [each.id for each in SYSTEMS]
    if unknown := {*names} - {each.id for each in SYSTEMS}:
        known = ", ".join(each.id for each in SYSTEMS)
        raise typer.BadParameter(f"No such system: {', '.join(unknown)}. There are: {known}.")
    return [each for each in SYSTEMS if each.id in names]


@asynccontextmanager
async def running(systems: Sequence[System]) -> AsyncIterator[list[Running]]:
    """Start all processes and servers; kill them after the block."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        model, slots = ModelServer(), asyncio.Semaphore(STARTING)
        await stack.enter_async_context(model.running())
        # A server each: it keeps all runs in memory, which slows it down.
        servers = []
        for each in systems:
            (own := folder / each.id).mkdir()
            servers.append(await stack.enter_async_context(SERVERS[each.server](own)))

        async def start(system: System, server: Server) -> Running:
            async with slots:
                machine = Running.started(system, server, model, folder)
                return await stack.enter_async_context(machine)

        yield await asyncio.gather(*map(start, systems, servers))


async def measure(
    machines: Sequence[Running], rounds: int, kills: int, size: Size, found: dict[str, Results]
) -> AsyncIterator[str]:
    """Add the figures of each system, which take turns; yield a line for each measurement."""
    for machine in machines:
        await machine.warm_up(size)
    for number in range(rounds):
        id = uuid4().hex
        for machine in machines[:: -1 if number % 2 else 1]:
            figures = await machine.round(size)
            found.setdefault(machine.system.id, Results()).rounds[id] = figures
            yield f"{machine.system.name}: {figures}"
    for _ in range(kills):
        for machine in machines:
            if machine.system.is_killed:
                crash = await machine.crash(size)
                found.setdefault(machine.system.id, Results()).crashes.append(crash)
                yield f"{machine.system.name}: {crash}"


if __name__ == "__main__":
    run(main)
