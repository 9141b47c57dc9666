"""Runs the processes that samples need: a Temporal server, a model, and workers."""

import asyncio
import base64
import contextlib
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from offline_model.faults import Faults
from sample_cli.catalog import ROOT, Sample
from sample_cli.processes import IMPORT_LOCK, Background, CommandError, background, free_port, until
from sample_cli.temporal_server import Server, own_server, running_server

if TYPE_CHECKING:
    from temporalio.converter import PayloadCodec

    from offline_model.server import OfflineModel

T = TypeVar("T")
KEYS = "ENCRYPTION_KEYS"
USER_SETTINGS = ("TEMPORAL_", KEYS, "CODEC_AUTH")
CODEC_SERVER = ROOT / "encryption" / "run_codec_server.py"
LOCAL = "127.0.0.1,localhost"
STREAM_INTERVAL = 0.03
"""Seconds before each word of a streamed answer, so that a person sees it being written."""


@dataclass(frozen=True)
class Settings:
    """The environment of a run.

    Attributes:
        address: The address of a running server; None starts one.
        offline: Use the offline model even if OPENAI_API_KEY is set.
        faults: Faults that the offline model injects.
        db: A file for the state of a server that is started; None keeps it in memory.
        ports: The ports of a server that is started, and of its Web UI, if they are free.
        encrypt: Encrypt payloads, with the user's keys on a running server that has some.
        workers: Worker processes of each topic.
    """

    address: str | None = None
    offline: bool = False
    faults: Faults | None = None
    db: Path | None = None
    ports: tuple[int, int] = (0, 0)
    encrypt: bool = False
    workers: int = 1

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
    codec_port: int = 0
    workers: list[Background] = field(default_factory=list)

    @property
    def offline(self) -> bool:
        """Whether the model is the offline one."""
        return self._model is not None

    async def model(self) -> "OfflineModel | None":
        """Return the offline model once it serves; None if the real model is used."""
        return await asyncio.shield(self._model) if self._model else None

    @property
    def codec_endpoint(self) -> str:
        """The address of the codec server, while it runs."""
        return f"http://127.0.0.1:{self.codec_port}"

    @cached_property
    def codec(self) -> "PayloadCodec | None":
        """The codec that decrypts histories; None if they are not encrypted."""
        if KEYS not in self.env:
            return None
        from durable_agents.encryption import EncryptionCodec, parse_keys  # takes 2 s to import

        return EncryptionCodec(parse_keys(self.env[KEYS]))

    @contextlib.asynccontextmanager
    async def codec_server(self) -> AsyncIterator[None]:
        """Serve the Web UI and the CLI of an encrypted run for the duration of the block."""
        if not self.codec_port:
            yield
            return
        command: list[str | Path] = [sys.executable, CODEC_SERVER, "--port", str(self.codec_port)]
        command += ["--origin", self.server.ui] if self.server.ui else []
        log = self.logs / "codec-server.log"
        async with background("codec server", command, self.env, log) as process:
            await until(partial(_is_serving, process))
            yield

    @contextlib.asynccontextmanager
    async def worker(self, sample: Sample) -> AsyncIterator[Background]:
        """Run the worker of a sample's topic for the duration of the block."""
        number = sum(each.log.name.startswith(f"{sample.topic}-worker-") for each in self.workers)
        log = self.logs / f"{sample.topic}-worker-{number + 1}.log"
        name = f"{sample.topic}'s worker {number + 1}"
        async with background(name, [sys.executable, sample.worker], self.env, log) as worker:
            self.workers.append(worker)
            yield worker


async def _is_serving(process: Background) -> bool:
    if not process.alive:
        raise CommandError(f"{process.name} exited:\n{process.tail()}")
    return "Serving on" in process.output


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
        codec_port = free_port() if settings.encrypt else 0
        if settings.address:
            starting = running_server(settings.address)
        else:
            codec = [f"--ui-codec-endpoint=http://127.0.0.1:{codec_port}"] if codec_port else []
            starting = own_server(logs, settings.db, *settings.ports, options=codec)
        server = await stack.enter_async_context(starting)
        env = environment(server, url)
        if settings.encrypt:
            env.setdefault(KEYS, f"throw-away:{base64.b64encode(os.urandom(32)).decode()}")
        yield Session(server, logs, env, model, codec_port)


def environment(server: Server, model_url: str | None) -> dict[str, str]:
    """Return the environment of workers and starters.

    For a server that we started, the user's own Temporal settings and keys are left out.
    """
    env = dict(os.environ)
    for name in ("METRICS_ADDRESS", "PROBE_ADDRESS"):  # each for one process
        env.pop(name, None)
    if server.own:
        env = {key: env[key] for key in env if not key.startswith(USER_SETTINGS)}
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
        with IMPORT_LOCK:
            from offline_model.server import OfflineModel

        server = OfflineModel(faults=settings.faults, stream_interval=STREAM_INTERVAL, port=port)
        return server.__enter__()

    starting = asyncio.ensure_future(asyncio.to_thread(start))
    try:
        yield starting
    finally:
        (await starting).__exit__(None, None, None)


async def fail_if_worker_exits(work: Awaitable[T], *workers: Background) -> T:
    """Return the result of `work`; raise CommandError if one of the workers exits first."""
    task = asyncio.ensure_future(work)
    ended = {asyncio.ensure_future(worker.wait()): worker for worker in workers}
    try:
        await asyncio.wait({task, *ended}, return_when=asyncio.FIRST_COMPLETED)
        for each, worker in ended.items():
            if each.done() and not task.done():
                code = each.result()
                raise CommandError(f"{worker.name} exited with code {code}:\n{worker.tail()}")
        return await task
    finally:
        for future in (task, *ended):
            future.cancel()
