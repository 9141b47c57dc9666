"""Starts the servers that the systems store their progress in."""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from benchmarks.server import dev_server
from sample_cli.processes import background, free_port
from sample_cli.temporal_server import find_program
from tests.harness.postgres import PostgreSQL


@dataclass(frozen=True)
class Server:
    """A running server: its process, and the environment that leads clients and workers to it."""

    pid: int | None = None
    env: dict[str, str] = field(default_factory=dict)


@asynccontextmanager
async def none(_folder: Path) -> AsyncIterator[Server]:
    """Start nothing."""
    yield Server()


@asynccontextmanager
async def temporal(_folder: Path, *options: str, is_stock: bool = False) -> AsyncIterator[Server]:
    """Run the dev server of `sample run`, or one with its own settings. In memory by default."""
    async with dev_server(*options, is_stock=is_stock) as process:
        yield Server(process.pid, {"TEMPORAL_ADDRESS": os.environ["TEMPORAL_ADDRESS"]})


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
    "temporal-stock": partial(temporal, is_stock=True),
    "sqlite": sqlite,
    "postgresql": postgresql,
    "restate": restate,
}
