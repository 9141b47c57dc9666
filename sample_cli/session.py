"""Runs the processes that samples need: a Temporal server, a model, and workers."""

import asyncio
import contextlib
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from offline_model.faults import Faults
from sample_cli.catalog import Sample
from sample_cli.processes import Background, CommandError, background, free_port
from sample_cli.temporal_server import Server, own_server, running_server

if TYPE_CHECKING:
    from offline_model.server import OfflineModel

T = TypeVar("T")
LOCAL = "127.0.0.1,localhost"


@dataclass(frozen=True)
class Settings:
    """The environment of a run.

    Attributes:
        address: The address of a running server; None starts one.
        offline: Use the offline model even if OPENAI_API_KEY is set.
        faults: Faults that the offline model injects.
        db: A file for the state of a server that is started; None keeps it in memory.
        port, ui_port: The ports of a server that is started, if they are free.
    """

    address: str | None = None
    offline: bool = False
    faults: Faults | None = None
    db: Path | None = None
    port: int = 0
    ui_port: int = 0

    @property
    def real_model(self) -> bool:
        """Whether model calls go to the model that the user's environment configures."""
        return bool(os.environ.get("OPENAI_API_KEY")) and not self.offline


@dataclass
class Session:
    """A running server, a model, and all workers that were started, including exited ones."""

    server: Server
    logs: Path
    env: dict[str, str]
    _model: "asyncio.Future[OfflineModel] | None"
    workers: list[Background] = field(default_factory=list)

    @property
    def offline(self) -> bool:
        """Whether the model is the offline one."""
        return self._model is not None

    async def model(self) -> "OfflineModel | None":
        """Return the offline model once it serves; None if the real model is used."""
        return await asyncio.shield(self._model) if self._model else None

    @contextlib.asynccontextmanager
    async def worker(self, sample: Sample) -> AsyncIterator[Background]:
        """Run the worker of a sample's topic for the duration of the block."""
        log = self.logs / f"{sample.topic}-worker-{len(self.workers) + 1}.log"
        name = f"{sample.topic}'s worker"
        async with background(name, [sys.executable, sample.worker], self.env, log) as worker:
            self.workers.append(worker)
            yield worker


@contextlib.asynccontextmanager
async def session(settings: Settings) -> AsyncIterator[Session]:
    """Start a server and a model concurrently; stop them after the block."""
    async with contextlib.AsyncExitStack() as stack:
        logs = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sample-")))
        model, url = None, None
        if not settings.real_model:
            port = free_port()
            model = await stack.enter_async_context(_offline_model(settings, port))
            url = f"http://127.0.0.1:{port}/v1"
        if settings.address:
            starting = running_server(settings.address)
        else:
            starting = own_server(
                logs, db=settings.db, port=settings.port, ui_port=settings.ui_port
            )
        server = await stack.enter_async_context(starting)
        yield Session(server, logs, environment(server, url), model)


def environment(server: Server, model_url: str | None) -> dict[str, str]:
    """Return the environment of workers and starters.

    For a server that we started, the user's own Temporal settings are left out.
    """
    env = dict(os.environ)
    if server.own:
        env = {name: value for name, value in env.items() if not name.startswith("TEMPORAL_")}
        env |= {"TEMPORAL_NAMESPACE": "default", "TEMPORAL_CONFIG_FILE": os.devnull}
    env["TEMPORAL_ADDRESS"] = server.address
    if model_url:
        env |= model_environment(model_url)
    for name in ("NO_PROXY", "no_proxy"):
        env[name] = f"{env[name]},{LOCAL}" if env.get(name) else LOCAL
    return env


def model_environment(url: str) -> dict[str, str]:
    """Return the variables that point every client at the offline model."""
    return {"OPENAI_BASE_URL": url, "OPENAI_API_KEY": "offline", "GPT_OSS_BASE_URL": url}


@contextlib.asynccontextmanager
async def _offline_model(
    settings: Settings, port: int
) -> AsyncIterator["asyncio.Future[OfflineModel]"]:
    """Run the offline model. It starts on a thread: its imports take seconds."""

    def start() -> "OfflineModel":
        from offline_model.server import OfflineModel

        return OfflineModel(faults=settings.faults, port=port).__enter__()

    starting = asyncio.ensure_future(asyncio.to_thread(start))
    try:
        yield starting
    finally:
        (await starting).__exit__(None, None, None)


async def fail_if_worker_exits(work: Awaitable[T], worker: Background) -> T:
    """Return the result of `work`; raise CommandError if the worker exits first."""
    task = asyncio.ensure_future(work)
    ended = asyncio.ensure_future(worker.wait())
    try:
        await asyncio.wait({task, ended}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            code = ended.result()
            raise CommandError(f"{worker.name} exited with code {code}:\n{worker.tail()}")
        return await task
    finally:
        task.cancel()
        ended.cancel()
