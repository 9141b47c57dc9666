"""Runs a worker until SIGINT or SIGTERM."""

from durable_agents.redaction import redact

import asyncio
import logging
import signal

from temporalio import workflow
from temporalio.worker import Worker


class RedactingFormatter(logging.Formatter):
    """Removes credentials from log lines, including the tracebacks of any library."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, and the traceback if there is one."""
        return redact(super().format(record))


async def serve(worker: Worker) -> None:
    """Run `worker` until SIGINT or SIGTERM, then drain it.

    Running activities get the worker's `graceful_shutdown_timeout` to finish. Repeating the
    signal kills the process.

    Raises:
        Exception: The worker cannot continue, for example because its namespace does not exist.
    """
    logging.basicConfig(level=logging.INFO)
    for handler in logging.getLogger().handlers:
        handler.setFormatter(RedactingFormatter("%(asctime)s %(name)s: %(message)s"))
    for name in ("httpx", "httpx2"):  # a line for each request
        logging.getLogger(name).setLevel(logging.WARNING)
    workflow.logger.workflow_info_on_message = False
    stop, loop = asyncio.Event(), asyncio.get_running_loop()

    def on_signal(number: int, _frame: object) -> None:
        signal.signal(number, signal.SIG_DFL)
        loop.call_soon_threadsafe(stop.set)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, on_signal)

    async with worker:
        _announce(worker)
        await stop.wait()
        print("Stopping: taking no new work; running activities may finish.", flush=True)


def _announce(worker: Worker) -> None:
    config = worker.config()
    workflows = ", ".join(sorted(defn.__name__ for defn in config["workflows"]))
    activities = ", ".join(sorted(defn.__name__ for defn in config["activities"]))
    print(f"Worker on task queue {worker.task_queue}")
    print(f"  workflows:  {workflows}")
    print(f"  activities: {activities or 'model calls only'}")
    print("Press Ctrl-C to stop.", flush=True)
