"""Worker processes of older and newer builds, which a cluster would run in production."""

from durable_agents.errors import SettingsError

import asyncio
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import Self

from versioning.deployment import POLL_INTERVAL, Deployment

WORKER = Path(__file__).with_name("run_worker.py")
START_TIMEOUT = 60  # seconds
STOP_TIMEOUT = 10  # seconds


class WorkerProcesses:
    """Runs workers of builds for the duration of the block."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._processes: dict[str, asyncio.subprocess.Process] = {}
        self._log = TemporaryFile()  # noqa: SIM115 (of all workers; closed with the block)

    async def __aenter__(self) -> Self:
        """Start the block. SIGTERM kills the workers, so that none is left behind."""
        with suppress(NotImplementedError):  # Windows
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self._terminate)
        return self

    def _terminate(self) -> None:
        for process in self._processes.values():
            with suppress(ProcessLookupError):
                process.kill()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTERM)

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop all workers."""
        for build in list(self._processes):
            await self.stop(build)
        self._log.close()

    async def start(self, *builds: str) -> None:
        """Start a worker of each build, and wait until they poll.

        Raises:
            SettingsError: A worker exited, or did not poll within 60 s.
        """
        for build in builds:
            self._processes[build] = await asyncio.create_subprocess_exec(
                sys.executable,
                WORKER,
                env={**os.environ, "TEMPORAL_WORKER_BUILD_ID": build},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=self._log,
                start_new_session=True,  # Ctrl-C does not reach it: this process stops it
            )
        for build in builds:
            await self._wait_until_it_polls(build)

    async def stop(self, build: str) -> None:
        """Drain the worker of a build, and wait until it has exited; kill it after 10 s."""
        process = self._processes.pop(build)
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), STOP_TIMEOUT)
        finally:
            with suppress(ProcessLookupError):
                process.kill()

    async def _wait_until_it_polls(self, build: str) -> None:
        process = self._processes[build]
        try:
            async with asyncio.timeout(START_TIMEOUT):
                while process.returncode is None:
                    if f"{process.pid}@" in " ".join(await self._deployment.workers(build)):
                        return
                    await asyncio.sleep(POLL_INTERVAL)
        except TimeoutError:
            raise SettingsError(f"The worker of {build} does not poll after 60 s.") from None
        self._log.seek(0)
        log = self._log.read().decode(errors="replace")
        raise SettingsError(f"The worker of {build} exited with code {process.returncode}: {log}")
