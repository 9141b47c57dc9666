"""Probes say whether a worker lives, and whether it is ready; requests are bounded."""

from durable_agents import connect, probes
from durable_agents.errors import SettingsError
from durable_agents.probes import MAX_CONNECTIONS, MAX_REQUEST_BYTES, answer_probes
from durable_agents.shutdown import fatal_error

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from temporalio.worker import Worker

from basic.workflows.hello_world import HelloWorldAgent
from sample_cli.catalog import ROOT
from sample_cli.processes import free_port, until
from tests.harness.processes import ForkedScript
from tests.harness.services import TemporalProxy
from tests.harness.workers import promptly


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> int:
    port = free_port()
    monkeypatch.setenv("PROBE_ADDRESS", f"127.0.0.1:{port}")
    monkeypatch.setenv("OPENAI_API_KEY", "x")
    return port


async def send(port: int, request: bytes) -> str:
    """Return the status line and the body of the answer; empty if there is none."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request)
        answer = (await reader.read()).decode()
        writer.close()
    except OSError:
        return ""
    head, _, body = answer.partition("\r\n\r\n")
    status = head.partition("\r\n")[0].removeprefix("HTTP/1.1 ")
    return f"{status}: {body.strip()}" if head else ""


async def probe(port: int, path: str) -> str:
    return await send(port, f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())


async def until_answer(port: int, path: str, answer: str) -> None:
    async def answers() -> bool:
        return await probe(port, path) == answer

    await promptly(until(answers), f"{path}: {answer}")


@asynccontextmanager
async def probed() -> AsyncIterator[tuple[Worker, asyncio.Event]]:
    worker = Worker(await connect(), task_queue="test-probes", workflows=[HelloWorldAgent])
    stop = asyncio.Event()
    async with answer_probes(worker, stop):
        yield worker, stop


async def test_readiness_follows_the_worker(port: int) -> None:
    async with probed() as (worker, stop):
        assert await probe(port, "/readyz") == "503 Service Unavailable: the worker is starting"
        async with worker:
            await until_answer(port, "/readyz?verbose", "200 OK: ok")
            stop.set()
            draining = "503 Service Unavailable: the worker is draining"
            assert await probe(port, "/readyz") == draining
            assert await probe(port, "/livez") == "200 OK: ok"
            await fatal_error(worker)(RuntimeError())
            for path in ("/livez", "/readyz"):
                assert await probe(port, path) == "503 Service Unavailable: the worker has failed"
    assert await probe(port, "/livez") == ""


async def test_readiness_needs_an_answer_of_the_server(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = TemporalProxy(os.environ["TEMPORAL_ADDRESS"])
    await proxy.open()
    monkeypatch.setenv("TEMPORAL_ADDRESS", proxy.address)
    async with probed() as (worker, _), worker:
        await until_answer(port, "/readyz", "200 OK: ok")
        await proxy.close()
        lost = "503 Service Unavailable: the Temporal server does not answer"
        await until_answer(port, "/readyz", lost)
        assert await probe(port, "/livez") == "200 OK: ok"
        await proxy.open()
        await until_answer(port, "/readyz", "200 OK: ok")
    await proxy.close()


async def test_requests_are_bounded(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes, "REQUEST_TIMEOUT", 0.5)
    async with probed():
        assert (await probe(port, "/")).startswith("404")
        assert (await send(port, b"POST /livez HTTP/1.1\r\n\r\n")).startswith("400")
        assert (await send(port, b"\x00\r\n\r\n")).startswith("400")
        assert await send(port, b"HEAD /livez HTTP/1.0\r\n\r\n") == "200 OK: "
        assert await send(port, b"GET /" + b"x" * 2 * MAX_REQUEST_BYTES) == ""
        silent = [asyncio.create_task(send(port, b"GET /")) for _ in range(MAX_CONNECTIONS + 4)]
        done, _ = await asyncio.wait(silent, return_when=asyncio.FIRST_COMPLETED)
        assert 0 < len(done) < len(silent)  # the last are closed at once, the others in time
        assert await promptly(asyncio.gather(*silent), "closing") == [""] * len(silent)
        assert await probe(port, "/livez") == "200 OK: ok"


async def test_address_in_use_is_rejected(port: int) -> None:
    async with probed():
        with pytest.raises(SettingsError, match=f"PROBE_ADDRESS: 127.0.0.1 port {port} cannot"):
            async with probed():
                pass


async def test_versioned_worker_process_answers_until_it_ends(
    port: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TEMPORAL_DEPLOYMENT_NAME", "agents")
    monkeypatch.setenv("TEMPORAL_WORKER_BUILD_ID", "b1")
    with ForkedScript(ROOT / "basic/run_worker.py", folder=tmp_path) as worker:
        await until_answer(port, "/readyz", "200 OK: ok")
        worker.send(signal.SIGTERM)
        ended = await worker.ended()
    assert ended.code == 0
    assert "version:    agents.b1\n" in ended.out
