"""Starters and workers survive a server that starts late or restarts."""

from durable_agents import handles
from durable_agents.client import connect_within
from durable_agents.errors import SettingsError

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.service import RPCError

from offline_model.server import OfflineModel
from sample_cli.catalog import find
from sample_cli.processes import free_port, until
from sample_cli.temporal_server import Server, own_server, wait_for_worker
from tests.harness.forked_worker import ForkedWorker
from tests.harness.processes import ForkedScript

HELLO_WORLD = find("basic/hello_world")


def waits(script: ForkedScript) -> Callable[[], Awaitable[bool]]:
    async def condition() -> bool:
        return "Waiting up to 30 s for a Temporal server" in script.err

    return condition


def has_started(server: Server) -> Callable[[], Awaitable[bool]]:
    async def condition() -> bool:
        client = await server.client()
        return bool([run async for run in client.list_workflows()])

    return condition


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> int:
    port = free_port()
    monkeypatch.setenv("TEMPORAL_ADDRESS", f"127.0.0.1:{port}")
    monkeypatch.setenv("TEMPORAL_CONNECT_TIMEOUT", "30")
    return port


async def test_starter_waits_for_the_server_to_start(port: int, tmp_path: Path) -> None:
    with ForkedScript(HELLO_WORLD.starter, folder=tmp_path) as script:
        await until(waits(script))
        async with own_server(tmp_path, port=port) as server:
            await until(has_started(server))
        assert script.err.count("\n") == 1


async def test_worker_waits_for_the_server_to_start(
    port: int, model: OfflineModel, tmp_path: Path
) -> None:
    with ForkedScript(HELLO_WORLD.worker, folder=tmp_path) as script:
        await until(waits(script))
        async with own_server(tmp_path, port=port) as server:
            await wait_for_worker(server, HELLO_WORLD.task_queue, ())
        assert script.err.startswith("Waiting up to 30 s")


@pytest.mark.exhaustive
async def test_starter_gets_its_result_when_the_server_restarts(
    port: int, model: OfflineModel, tmp_path: Path
) -> None:
    db = tmp_path / "state.db"
    with ForkedScript(HELLO_WORLD.starter, folder=tmp_path) as script:
        async with own_server(tmp_path, port=port, db=db) as server:
            await until(has_started(server))
            client = await server.client()
            [run] = [run async for run in client.list_workflows()]
            plain = asyncio.ensure_future(client.get_workflow_handle(run.id).result())
        # The server has been down long enough once a client without our interceptor gives up.
        with pytest.raises(RPCError):
            await plain
        async with own_server(tmp_path, port=port, db=db):
            with ForkedWorker("basic"):
                ended = await script.ended()
    assert ended.code == 0, ended.err
    assert ended.out.strip()
    assert "Traceback" not in ended.err
    assert "retried" not in ended.err  # the SDK's core would warn of each retry


async def test_result_polling_gives_up_after_its_timeout(
    port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handles, "RESEND_FOR", timedelta(0))
    async with own_server(tmp_path, port=port) as server:
        client = await connect_within(
            10, target_host=server.address, interceptors=[handles.ResultPolling()]
        )
        handle = await client.start_workflow("Unserved", id="unserved", task_queue="unserved")
        result = asyncio.ensure_future(handle.result())
    with pytest.raises(RPCError):
        await result


async def test_refused_credentials_are_not_retried(monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(*_: object, **__: object) -> Client:
        raise RuntimeError(
            "Failed client connect: `get_system_info` call error after connection: "
            'Status { code: Unauthenticated, message: "API key expired", source: None }'
        )

    monkeypatch.setattr(Client, "connect", refuse)
    with pytest.raises(SettingsError) as error:
        await connect_within(60, target_host="cloud:7233")
    assert str(error.value) == "Temporal at cloud:7233 refused: API key expired"
