"""Starts the servers that the systems store their progress in."""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sample_cli.processes import Background, background, free_port, until
from sample_cli.temporal_server import STARTED, dev_server_options, find_program, temporal_cli
from tests.harness.postgres import PostgreSQL


@dataclass(frozen=True)
class Server:
    """A running server: its process, and the environment that leads clients and workers to it."""

    pid: int | None = None
    env: dict[str, str] = field(default_factory=dict)


async def until_ready(process: Background, is_ready: Callable[[], bool]) -> None:
    """Wait for a process; raise RuntimeError with its last lines if it exits."""

    async def is_decided() -> bool:
        return is_ready() or not process.alive

    await until(is_decided)
    if not process.alive:
        raise RuntimeError(f"{process.name} exited:\n{process.tail()}")


@asynccontextmanager
async def none(_folder: Path) -> AsyncIterator[Server]:
    """Start nothing."""
    yield Server()


@asynccontextmanager
async def temporal(folder: Path, *storage: str) -> AsyncIterator[Server]:
    """Run the dev server of `sample run`. It keeps its state in memory."""
    port = free_port()
    command = [temporal_cli(), "server", "start-dev", "--headless", "--log-level", "error"]
    command += ["--ip", "127.0.0.1", "--port", str(port), *dev_server_options(), *storage]
    log = folder / f"temporal-{port}.log"
    async with background("Temporal", command, os.environ, log) as process:
        await until_ready(process, lambda: bool(STARTED.search(process.output)))
        yield Server(process.pid, {"TEMPORAL_ADDRESS": f"127.0.0.1:{port}"})
        await process.kill()  # nothing to save, and a graceful shutdown takes a second


@asynccontextmanager
async def temporal_file(folder: Path) -> AsyncIterator[Server]:
    """Run the dev server of `sample run --db`: SQLite with a write-ahead log."""
    storage = ["--db-filename", str(folder / "temporal.db")]
    storage += ["--sqlite-pragma=journal_mode=WAL", "--sqlite-pragma=synchronous=NORMAL"]
    async with temporal(folder, *storage) as server:
        yield server


@asynccontextmanager
async def sqlite(folder: Path) -> AsyncIterator[Server]:
    """Name a file; the library writes it in its own process."""
    yield Server(env={"DBOS_URL": f"sqlite:///{folder / 'dbos.sqlite'}"})


@asynccontextmanager
async def postgresql(_folder: Path) -> AsyncIterator[Server]:
    """Run PostgreSQL with its default settings: every commit is on disk."""
    with PostgreSQL(fsync=True) as server:
        yield Server(server.pid, {"DBOS_URL": server.new_database()})


@asynccontextmanager
async def restate(folder: Path) -> AsyncIterator[Server]:
    """Run Restate with its default settings, on free ports."""
    ingress, admin, node, service = (f"127.0.0.1:{free_port()}" for _ in range(4))
    env = {
        "RESTATE_INGRESS__BIND_ADDRESS": ingress,
        "RESTATE_ADMIN__BIND_ADDRESS": admin,
        "RESTATE_BIND_ADDRESS": node,
        "RESTATE_ADVERTISED_ADDRESS": f"http://{node}",
        "RESTATE_LISTEN_MODE": "tcp",
        "RESTATE_BASE_DIR": str(folder / "restate"),
        "RESTATE_LOG_FILTER": "warn",
        "DO_NOT_TRACK": "1",
        "RESTATE_DISABLE_TELEMETRY": "true",
    }
    command = [find_program("restate-server") or "restate-server"]
    log = folder / "restate.log"
    async with background("Restate", command, os.environ | env, log) as process:
        urls = {"RESTATE_INGRESS": f"http://{ingress}", "RESTATE_ADMIN": f"http://{admin}"}
        yield Server(process.pid, {**urls, "RESTATE_SERVICE": service})


SERVERS: dict[str, Callable[[Path], AbstractAsyncContextManager[Server]]] = {
    "none": none,
    "temporal": temporal,
    "temporal-file": temporal_file,
    "sqlite": sqlite,
    "postgresql": postgresql,
    "restate": restate,
}
