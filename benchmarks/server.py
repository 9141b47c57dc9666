"""The Temporal server that benchmarks run on."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sample_cli.processes import Background, CommandError, background, free_port
from sample_cli.temporal_server import STARTED, dev_server_options, temporal_cli
from tests.harness.environment import variables


@asynccontextmanager
async def dev_server(*options: str, is_stock: bool = False) -> AsyncIterator[Background]:
    """Run the dev server of `sample run`, in memory by default; yield its process.

    `connect()` finds it through the environment, without the user's own Temporal settings. With
    `is_stock`, the server has its own settings, not the faster ones.
    """
    port = free_port()
    command = [temporal_cli(), "server", "start-dev", "--headless", "--log-level", "error"]
    command += ["--ip", "127.0.0.1", "--port", str(port), *options]
    command += [] if is_stock else dev_server_options()
    settings = [name for name in os.environ if name.startswith("TEMPORAL_")]
    env = {name: os.environ[name] for name in os.environ if name not in settings}
    with TemporaryDirectory() as folder:
        log = Path(folder) / "temporal.log"
        async with background("Temporal", command, env, log) as process:
            if not await process.wait_for_output(STARTED.search):
                raise CommandError(f"The Temporal server did not start:\n{process.tail()}")
            own = {"TEMPORAL_ADDRESS": f"127.0.0.1:{port}"}
            with variables(**dict.fromkeys(settings) | own):
                yield process
            await process.kill()  # nothing to save, and a graceful shutdown takes a second
