"""Updates and queries while servers, workers, connections, and runs restart."""

from durable_agents import (
    WorkflowClosed,
    handles,
    is_transient,
    query_if_available,
    update_reliably,
)

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import pytest
from temporalio import workflow
from temporalio.client import (
    Client,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
)
from temporalio.exceptions import ApplicationError
from temporalio.service import RetryConfig, RPCError, RPCStatusCode
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from sample_cli.temporal_server import own_server

pytestmark = pytest.mark.filterwarnings("ignore:.*update handlers are still running")


@workflow.defn
class Counter:
    """Counts; carries the ids of the updates counted in earlier runs."""

    @workflow.init
    def __init__(self, count: int, known: list[str]) -> None:
        self.count, self.known = count, known
        self.gate = self.restart = self.end = False

    @workflow.run
    async def run(self, count: int, known: list[str]) -> int:
        await workflow.wait_condition(lambda: self.restart or self.end)
        if self.restart:
            workflow.continue_as_new(args=[self.count, self.known])
        return self.count

    @workflow.update
    async def add(self, number: int, when_open: bool) -> int:
        if number < 0:
            raise ApplicationError("negative", type="Negative")
        if when_open:
            await workflow.wait_condition(lambda: self.gate)
        info = workflow.current_update_info()
        if info and info.id not in self.known:
            self.known.append(info.id)
            self.count += number
        return self.count

    @workflow.signal
    def set(self, name: str) -> None:
        setattr(self, name, True)

    @workflow.query
    def value(self) -> int:
        return self.count

    @workflow.query
    def broken(self) -> int:
        raise ValueError("broken")


Handle = WorkflowHandle[Counter, int]
FEW_RETRIES = RetryConfig(max_retries=1)  # the SDK would hide some failures for 10 s


def worker(client: Client, queue: str) -> Worker:
    runner = UnsandboxedWorkflowRunner()
    return Worker(client, task_queue=queue, workflows=[Counter], workflow_runner=runner)


async def start(client: Client, queue: str) -> Handle:
    return await client.start_workflow(
        Counter.run, args=[0, []], id=f"test-{uuid4()}", task_queue=queue
    )


@pytest.fixture
async def handle(temporal: WorkflowEnvironment) -> AsyncIterator[Handle]:
    """A workflow with a worker."""
    queue = f"test-{uuid4()}"
    async with worker(temporal.client, queue):
        handle = await start(temporal.client, queue)
        yield handle


async def accepted(handle: Handle, count: int) -> None:
    """Wait until updates have been accepted."""
    while (await handle.fetch_history()).to_json().count("UPDATE_ACCEPTED") < count:
        pass


class Proxy:
    """Forwards connections to a server; resets them while it is broken."""

    def __init__(self, target: str) -> None:
        self._target = target.split(":")
        self._writers: list[asyncio.StreamWriter] = []
        self.broken = False

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[str]:
        server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        server.close()
        self.break_()

    def break_(self) -> None:
        self.broken = True
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        if self.broken:
            writer.transport.abort()
            return
        there = await asyncio.open_connection(*self._target)
        self._writers.append(there[1])
        await asyncio.gather(self._pipe(reader, there[1]), self._pipe(there[0], writer))

    async def _pipe(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                writer.write(data)
        except ConnectionError:
            pass
        writer.transport.abort()


async def test_results_are_returned(handle: Handle) -> None:
    assert await update_reliably(handle, Counter.add, 2, False, id="one") == 2
    assert await update_reliably(handle, Counter.add, 2, False, id="one") == 2
    assert await query_if_available(handle, Counter.value) == 2


async def test_update_survives_server_restart(tmp_path: Path) -> None:
    db = tmp_path / "temporal.db"
    async with own_server(tmp_path, db=db) as server:
        await server.client()  # waits until the server is healthy
        client = await Client.connect(server.address, retry_config=FEW_RETRIES)
        handle = await start(client, "test")
        update = asyncio.create_task(update_reliably(handle, Counter.add, 2, False))
        assert await query_if_available(handle, Counter.value) is None  # no worker
    assert await query_if_available(handle, Counter.value) is None  # no server
    port = int(server.address.split(":")[1])
    async with own_server(tmp_path, db=db, port=port) as server, worker(client, "test"):
        assert server.address.endswith(f":{port}")
        assert await update == 2
        assert await query_if_available(handle, Counter.value, timeout=timedelta(seconds=20)) == 2


async def test_transport_error_is_retried_for_a_bounded_time(
    handle: Handle, temporal: WorkflowEnvironment
) -> None:
    proxy = Proxy(temporal.client.service_client.config.target_host)
    async with proxy.listening() as address:
        client = await Client.connect(address, retry_config=FEW_RETRIES)
        remote: Handle = client.get_workflow_handle(handle.id)
        raw = remote.execute_update(Counter.add, args=[1, True], id="raw")
        bounded = update_reliably(remote, Counter.add, 2, True, resend_for=timedelta(0))
        failing = asyncio.gather(raw, bounded, return_exceptions=True)
        update = asyncio.create_task(update_reliably(remote, Counter.add, 4, True))
        await accepted(handle, 3)
        proxy.break_()
        for error in await failing:
            assert isinstance(error, RPCError)
            assert (error.status, error.message) == (RPCStatusCode.UNKNOWN, "transport error")
            assert is_transient(error)
        assert await query_if_available(remote, Counter.value) is None
        proxy.broken = False
        await handle.signal(Counter.set, "gate")
        await update
        assert await handle.query(Counter.value) == 7


async def test_update_moves_to_next_run(handle: Handle) -> None:
    update = asyncio.create_task(update_reliably(handle, Counter.add, 2, True))
    await accepted(handle, 1)
    await handle.signal(Counter.set, "restart")
    while (await handle.describe()).run_id == handle.first_execution_run_id:
        pass
    await handle.signal(Counter.set, "gate")
    assert await update == 2


async def test_closed_workflow_raises_a_typed_error_but_keeps_its_outcomes(handle: Handle) -> None:
    await update_reliably(handle, Counter.add, 2, False, id="one")
    update = asyncio.create_task(update_reliably(handle, Counter.add, 2, True))
    await accepted(handle, 2)
    await handle.signal(Counter.set, "end")
    assert await handle.result() == 2
    with pytest.raises(WorkflowClosed, match=f"workflow {handle.id} is closed"):
        await update
    with pytest.raises(WorkflowClosed):
        await update_reliably(handle, Counter.add, 2, False)
    assert await update_reliably(handle, Counter.add, 2, False, id="one") == 2
    assert await query_if_available(handle, Counter.value) == 2


async def test_permanent_errors_are_raised(handle: Handle, temporal: WorkflowEnvironment) -> None:
    with pytest.raises(WorkflowUpdateFailedError) as failed:
        await update_reliably(handle, Counter.add, -1, False)
    assert isinstance(failed.value.cause, ApplicationError)
    unknown: Handle = temporal.client.get_workflow_handle("unknown")
    for request in (
        update_reliably(unknown, Counter.add, 1, False),
        query_if_available(unknown, Counter.value),
    ):
        with pytest.raises(RPCError, match="workflow not found") as missing:
            await request
        assert not isinstance(missing.value, WorkflowClosed)
        assert not is_transient(missing.value)
    with pytest.raises(WorkflowQueryFailedError, match="broken"):
        await query_if_available(handle, Counter.broken)


async def test_cancelling_the_caller_does_not_cancel_the_update(handle: Handle) -> None:
    update = asyncio.create_task(update_reliably(handle, Counter.add, 2, True, id="one"))
    await accepted(handle, 1)
    update.cancel()
    with pytest.raises(asyncio.CancelledError):
        await update
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await update_reliably(handle, Counter.add, 2, True, id="one")
    await handle.signal(Counter.set, "gate")
    assert await update_reliably(handle, Counter.add, 2, True, id="one") == 2


async def test_update_is_resent_while_the_workflow_task_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The server rejects updates after the third attempt of a task, until one succeeds."""
    monkeypatch.setattr(handles, "RESEND_INTERVAL", 0)
    problem = "Unable to perform workflow execution update due to Workflow Task in failed state."
    ids: list[str] = []

    class Failing:
        async def execute_update(self, _update: object, *, args: object, id: str) -> str:
            ids.append(id)
            if len(ids) < 3:
                raise RPCError(problem, RPCStatusCode.FAILED_PRECONDITION, b"")
            return "done"

    handle = cast("WorkflowHandle[Any, Any]", Failing())
    assert await update_reliably(handle, lambda _workflow: "", id="one") == "done"
    assert ids == ["one"] * 3
