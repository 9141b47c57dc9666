"""A process whose event loop has nothing to do, and whose other thread receives the signals.

A signal then does not interrupt the main thread's wait, like one that arrives just before it.
Run by tests as a script: idle.py KIND.
"""

from durable_agents import connect, run, serve

import asyncio
import signal
import sys
import threading
import time

from agents.testing import ScriptedModel
from temporalio.worker import Worker

from sample_cli.processes import run_until_signal
from tests.durable_agents.drain import Blocked
from tests.harness.workers import FixedModelProvider


async def idle() -> None:
    """Wait forever."""
    print("Press Ctrl-C", flush=True)
    await asyncio.Event().wait()


async def command() -> int:
    """Wait forever, as a command."""
    await idle()
    return 0


async def worker() -> None:
    """Run a worker that has no work."""
    client = await connect(model_provider=FixedModelProvider(ScriptedModel([])))
    await serve(Worker(client, task_queue="test-idle", workflows=[Blocked]))


if __name__ == "__main__":
    threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT, signal.SIGTERM])
    match sys.argv.pop():
        case "command":
            sys.exit(run_until_signal(command()))
        case "starter":
            run(idle)
        case "worker":
            run(worker)
