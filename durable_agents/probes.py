"""Answers liveness and readiness probes of a platform such as Kubernetes, at `PROBE_ADDRESS`.

`GET /livez`: 200 while the event loop runs, and the worker has not failed. A restart helps.
`GET /readyz`: 200 while the worker polls, and its server answers; 503 while it starts or drains.
"""

from durable_agents.environment import listen_address
from durable_agents.errors import SettingsError
from durable_agents.shutdown import fatal_error

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from http import HTTPStatus

from temporalio.api.workflowservice.v1 import GetSystemInfoRequest
from temporalio.service import RPCError
from temporalio.worker import Worker

MAX_REQUEST_BYTES = 8_192
MAX_CONNECTIONS = 16  # more are closed at once
REQUEST_TIMEOUT = 2.0  # seconds
SERVER_TIMEOUT = timedelta(seconds=0.8)  # a probe of Kubernetes times out after 1 s
SERVER_INTERVAL = 1.0  # seconds for which an answer of the server is reused

_REQUEST = re.compile(rb"(GET|HEAD) (/[!-~]*) HTTP/1\.[01]\r\n")


@asynccontextmanager
async def answer_probes(worker: Worker, stop: asyncio.Event) -> AsyncIterator[None]:
    """Answer probes while the block runs, if `PROBE_ADDRESS` is set.

    Args:
        worker: The worker that is probed.
        stop: Set when the worker starts to drain.

    Raises:
        SettingsError: `PROBE_ADDRESS` is malformed, or cannot be used.
    """
    address = listen_address("PROBE_ADDRESS")
    if address is None:
        yield
        return
    probes = _Probes(worker, stop)
    try:
        server = await asyncio.start_server(probes.handle, *address, limit=MAX_REQUEST_BYTES)
    except OSError as error:
        problem = f"PROBE_ADDRESS: {address[0]} port {address[1]} cannot be used ({error.strerror})"
        raise SettingsError(problem) from error
    try:
        yield
    finally:
        server.close()


class _Probes:
    def __init__(self, worker: Worker, stop: asyncio.Event) -> None:
        self._worker, self._stop, self._failed = worker, stop, fatal_error(worker)
        self._connections = 0
        self._checking, self._checked, self._answers = asyncio.Lock(), float("-inf"), False

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request, and close the connection."""
        self._connections += 1
        try:
            if self._connections <= MAX_CONNECTIONS:
                with suppress(OSError, EOFError, TimeoutError, asyncio.LimitOverrunError):
                    async with asyncio.timeout(REQUEST_TIMEOUT):
                        writer.write(await self._respond(await reader.readuntil(b"\r\n\r\n")))
                        await writer.drain()
        finally:
            self._connections -= 1
            writer.close()

    async def _respond(self, request: bytes) -> bytes:
        status, text = HTTPStatus.BAD_REQUEST, "send GET /livez or GET /readyz"
        if match := _REQUEST.match(request):
            path = match[2].partition(b"?")[0]
            if path not in (b"/livez", b"/readyz"):
                status = HTTPStatus.NOT_FOUND
            else:
                problem = await (self._liveness() if path == b"/livez" else self._readiness())
                status = HTTPStatus.SERVICE_UNAVAILABLE if problem else HTTPStatus.OK
                text = problem or "ok"
        head = f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: text/plain\r\n"
        head += f"Content-Length: {len(text) + 1}\r\nConnection: close\r\n\r\n"
        body = "" if match and match[1] == b"HEAD" else f"{text}\n"
        return (head + body).encode()

    async def _liveness(self) -> str:
        return "the worker has failed" if self._failed.is_set() else ""

    async def _readiness(self) -> str:
        if problem := await self._liveness():
            return problem
        if self._stop.is_set():
            return "the worker is draining"
        if not self._worker.is_running:
            return "the worker is starting"
        return "" if await self._server_answers() else "the Temporal server does not answer"

    async def _server_answers(self) -> bool:
        async with self._checking:
            if time.monotonic() >= self._checked + SERVER_INTERVAL:
                service = self._worker.client.workflow_service
                try:
                    await service.get_system_info(GetSystemInfoRequest(), timeout=SERVER_TIMEOUT)
                    self._answers = True
                except RPCError:
                    self._answers = False
                self._checked = time.monotonic()
        return self._answers
