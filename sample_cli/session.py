"""Runs the processes that samples need: a Temporal server, a model, and workers."""

import asyncio
import base64
import contextlib
import os
import socket
import sys
import tempfile
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from offline_model.faults import Faults
from sample_cli.catalog import ROOT, Sample
from sample_cli.processes import IMPORT_LOCK, Background, CommandError, background, free_port
from sample_cli.temporal_server import START_TIMEOUT, Server, own_server, pollers, running_server

if TYPE_CHECKING:
    from temporalio.converter import PayloadCodec

    from offline_model.server import OfflineModel

T = TypeVar("T")
Start = Callable[[Mapping[str, str]], contextlib.AbstractAsyncContextManager[Process]]
KEYS = "ENCRYPTION_KEYS"
USER_SETTINGS = ("TEMPORAL_", KEYS, "CODEC_AUTH")
PROCESS_SETTINGS = ("METRICS_ADDRESS", "PROBE_ADDRESS")  # each for one process
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
    """A server, a model, and all workers that were started, including exited ones."""

    logs: Path
    _model: "asyncio.Future[OfflineModel] | None"
    _model_url: str | None
    codec_port: int = 0
    _start: Start | None = None
    starter: Process | None = None
    server: Server = field(init=False)
    env: dict[str, str] = field(init=False)
    workers: list[Background] = field(default_factory=list)

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
            if not await process.wait_for_output(lambda text: "Serving on" in text):
                raise CommandError(f"{process.name} exited:\n{process.tail()}")
            yield

    async def check_no_other_worker(self, sample: Sample) -> None:
        """Raise CommandError if another worker polls the queue: it would run its own code."""
        if not self.server.own and (known := await pollers(self.server, sample.task_queue)):
            problem = f"{self.server.address} already has a worker on {sample.task_queue}"
            names = ", ".join(sorted(known))
            raise CommandError(f"{problem} ({names}). Stop it, or omit --address.", 2)

    @contextlib.asynccontextmanager
    async def run_workers(self, samples: Sequence[Sample], server: Server) -> AsyncIterator[None]:
        """Use a server, which may still start, and run the processes that can load meanwhile."""
        self.server, self.env = server, environment(server, self._model_url)
        if self.codec_port:
            self.env.setdefault(KEYS, f"throw-away:{base64.b64encode(os.urandom(32)).decode()}")
        self.workers.clear()
        for sample in samples:
            await self.check_no_other_worker(sample)
        async with contextlib.AsyncExitStack() as stack:
            for sample in samples:
                await stack.enter_async_context(self.worker(sample))
            if self._start:
                self.starter = await stack.enter_async_context(self._start(self.env))
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


@contextlib.asynccontextmanager
async def session(
    settings: Settings, samples: Sequence[Sample] = (), start: Start | None = None
) -> AsyncIterator[Session]:
    """Start a server, a model, a worker for each of `samples`, and a starter; stop them later.

    All start at once: workers and starters import packages for longer than the server starts, and
    wait for a server that is slower. `start` runs the starter with an environment.

    Raises:
        CommandError: The server does not start, or a running one has a worker of a sample.
    """
    async with contextlib.AsyncExitStack() as stack:
        logs = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sample-")))
        model, url = None, None
        if not settings.real_model:
            # Bound now: importing the model takes seconds, and another process could take the port.
            sock = socket.create_server(("127.0.0.1", 0))
            model = await stack.enter_async_context(_offline_model(settings, sock))
            url = f"http://127.0.0.1:{sock.getsockname()[1]}/v1"
        here = Session(logs, model, url, free_port() if settings.encrypt else 0, start)
        if settings.address:
            server = await stack.enter_async_context(running_server(settings.address))
            await stack.enter_async_context(here.run_workers(samples, server))
        else:
            codec = [f"--ui-codec-endpoint={here.codec_endpoint}"] if settings.encrypt else []
            workers = partial(here.run_workers, samples)
            serving = own_server(logs, settings.db, *settings.ports, options=codec, beside=workers)
            await stack.enter_async_context(serving)
        yield here


def environment(server: Server, model_url: str | None) -> dict[str, str]:
    """Return the environment of workers and starters.

    For a server that we start, the user's own Temporal settings and keys are left out.
    """
    omitted = PROCESS_SETTINGS + (USER_SETTINGS if server.own else ())
    env = {key: os.environ[key] for key in os.environ if not key.startswith(omitted)}
    if server.own:
        env |= {"TEMPORAL_NAMESPACE": "default", "TEMPORAL_CONFIG_FILE": os.devnull}
        env["TEMPORAL_CONNECT_TIMEOUT"] = str(START_TIMEOUT)
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
    settings: Settings, sock: socket.socket
) -> AsyncIterator["asyncio.Future[OfflineModel]"]:
    """Run the offline model. It starts on a thread: its imports take seconds."""

    def start() -> "OfflineModel":
        with IMPORT_LOCK:
            from offline_model.server import OfflineModel

        server = OfflineModel(faults=settings.faults, stream_interval=STREAM_INTERVAL, sock=sock)
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
