"""Runs a worker until SIGINT or SIGTERM."""

from durable_agents.probes import answer_probes
from durable_agents.redaction import redact
from durable_agents.shutdown import stop_on_signal

import logging
from importlib import import_module

from openai.types.responses import Response
from temporalio import workflow
from temporalio.worker import Worker


class RedactingFormatter(logging.Formatter):
    """Removes credentials from log lines, including the tracebacks of any library."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, and the traceback if there is one."""
        return redact(super().format(record))


async def serve(worker: Worker) -> None:
    """Run `worker` until SIGINT or SIGTERM, then drain it.

    Running activities get the worker's `graceful_shutdown_timeout` to finish. Then they are
    cancelled, and retried on another worker. The process exits `EXIT_TIMEOUT` later, even if an
    activity does not stop. Repeating the signal kills it.

    If `PROBE_ADDRESS` is set, liveness and readiness probes are answered there (`probes.py`).

    Raises:
        SettingsError: `PROBE_ADDRESS` cannot be used.
        Exception: The worker cannot continue, for example because its namespace does not exist.
    """
    logging.basicConfig(level=logging.INFO)
    for handler in logging.getLogger().handlers:
        handler.setFormatter(RedactingFormatter("%(asctime)s %(name)s: %(message)s"))
    for name in ("httpx", "httpx2"):  # a line for each request
        logging.getLogger(name).setLevel(logging.WARNING)
    workflow.logger.workflow_info_on_message = False
    stop = stop_on_signal(worker)

    # The first model call would import it, and build its models, while the user waits. Before the
    # worker polls, because imports on two threads at the same time can fail. Sends no request.
    import_module("openai.resources.responses.responses")
    Response.model_rebuild()
    async with answer_probes(worker, stop), worker:
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
    if deployment := worker.config(active_config=True)["deployment_config"]:
        print(f"  version:    {deployment.version.to_canonical_string()}")
    print("Press Ctrl-C to stop.", flush=True)
