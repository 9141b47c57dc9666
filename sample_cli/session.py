"""Runs samples: their own worker and starter scripts, as processes, with all that these need."""

import asyncio
import contextlib
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from sample_cli.catalog import Sample
from sample_cli.processes import Background, Failed, background, free_port
from sample_cli.temporal_server import Server, own_server, running_server

if TYPE_CHECKING:
    from offline_model.faults import Faults
    from offline_model.server import OfflineModel

T = TypeVar("T")
LOCAL = "127.0.0.1,localhost"


@dataclass(frozen=True)
class Settings:
    """What surrounds a run.

    Attributes:
        address: A running server's address; None: start one.
        offline: Use the offline model although there is a key.
        faults: What goes wrong in the offline model.
        latency: Seconds that the offline model takes for an answer.
        db: A file for the state of our server; None: it is forgotten.
        port: The port that our server gets if it is free.
        ui_port: The same for its Web UI.
    """

    address: str | None = None
    offline: bool = False
    faults: "Faults | None" = None
    latency: float = 0.0
    db: Path | None = None
    port: int = 0
    ui_port: int = 0

    @property
    def real_model(self) -> bool:
        """Whether model calls go where the user's own settings say."""
        return bool(os.environ.get("OPENAI_API_KEY")) and not self.offline


@dataclass
class Session:
    """A server and a model that run, and the folder with the logs of what runs unseen."""

    server: Server
    logs: Path
    env: dict[str, str]
    _model: "asyncio.Future[OfflineModel] | None"
    worker_logs: list[Path] = field(default_factory=list)

    @property
    def offline(self) -> bool:
        """Whether the model is the offline one."""
        return self._model is not None

    async def model(self) -> "OfflineModel | None":
        """Return the offline model once it answers; None where the real one is used."""
        return await asyncio.shield(self._model) if self._model else None

    def worker(self, sample: Sample) -> contextlib.AbstractAsyncContextManager[Background]:
        """Run the worker of a sample's topic for as long as the block runs."""
        log = self.logs / f"{sample.topic}-worker-{len(self.worker_logs) + 1}.log"
        self.worker_logs.append(log)
        return background(
            f"{sample.topic}'s worker", [sys.executable, sample.worker], self.env, log
        )


@contextlib.asynccontextmanager
async def session(settings: Settings) -> AsyncIterator[Session]:
    """Start what samples need, side by side, and end it again."""
    async with contextlib.AsyncExitStack() as stack:
        logs = stack.enter_context(tempfile.TemporaryDirectory(prefix="sample-"))
        model, url = None, None
        if not settings.real_model:
            port = free_port()
            model = await stack.enter_async_context(_offline_model(settings, port))
            url = f"http://127.0.0.1:{port}/v1"
        if settings.address:
            starting = running_server(settings.address)
        else:
            starting = own_server(
                Path(logs), db=settings.db, port=settings.port, ui_port=settings.ui_port
            )
        server = await stack.enter_async_context(starting)
        yield Session(server, Path(logs), environment(server, url), model)


def environment(server: Server, model_url: str | None) -> dict[str, str]:
    """Return the environment of workers and starters.

    A server of ours is reached without the keys, certificates and profiles of the user's own.
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
    """Return the variables that make clients call the offline model, whoever's they are."""
    return {"OPENAI_BASE_URL": url, "OPENAI_API_KEY": "offline", "GPT_OSS_BASE_URL": url}


@contextlib.asynccontextmanager
async def _offline_model(
    settings: Settings, port: int
) -> AsyncIterator["asyncio.Future[OfflineModel]"]:
    """Run the offline model; it imports for seconds, so it starts on a thread of its own."""

    def start() -> "OfflineModel":
        from offline_model.server import OfflineModel

        model = OfflineModel(faults=settings.faults, latency=settings.latency, port=port)
        return model.__enter__()

    starting = asyncio.ensure_future(asyncio.to_thread(start))
    try:
        yield starting
    finally:
        (await starting).__exit__(None, None, None)


async def while_alive(work: Awaitable[T], worker: Background) -> T:
    """Await `work`; it fails when the worker ends before that."""
    task = asyncio.ensure_future(work)
    death = asyncio.ensure_future(worker.wait())
    try:
        await asyncio.wait({task, death}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise Failed(f"{worker.name} ended, exit code {death.result()}:\n{worker.tail()}")
        return await task
    finally:
        task.cancel()
        death.cancel()
