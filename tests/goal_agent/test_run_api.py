"""The script that serves API and page: address, shutdown, and errors."""

from durable_agents import connect

import signal
import socket
from pathlib import Path

import httpx2
import pytest

from sample_cli.catalog import find
from sample_cli.processes import free_port, until
from tests.goal_agent.web import recording_gateway
from tests.harness.processes import ForkedScript

SCRIPT = find("goal_agent/api").starter


@pytest.mark.exhaustive
async def test_api_prints_its_address_and_stops_on_ctrl_c_with_an_open_stream(
    tmp_path: Path,
) -> None:
    async with recording_gateway(await connect()) as conversations:
        watched = await conversations.start("find_event")
        with ForkedScript(SCRIPT, folder=tmp_path) as script:

            async def is_up() -> bool:
                return script.out.endswith("\n")

            await until(is_up)
            page = script.out.split()[-1]
            async with httpx2.AsyncClient(timeout=20) as http:
                assert (await http.get(page)).headers["cache-control"] == "no-store"
                assert (await http.get(f"{page}/docs")).status_code == 200
                stream = http.stream("GET", f"{page}/conversations/{watched}/events")
                async with stream as response:
                    script.send(signal.SIGINT)
                    await response.aread()
            ended = await script.ended()
    assert (ended.code, ended.err) == (130, "")


async def test_api_reports_a_port_in_use(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with ForkedScript(SCRIPT, "--port", port, folder=tmp_path) as script:
            ended = await script.ended()
    assert (ended.code, ended.out) == (2, "")
    assert f"127.0.0.1:{port} cannot be used (" in ended.err
    assert ended.err.count("\n") == 1


async def test_api_does_not_start_without_temporal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"127.0.0.1:{free_port()}"
    monkeypatch.setenv("TEMPORAL_ADDRESS", address)
    with ForkedScript(SCRIPT, folder=tmp_path) as script:
        ended = await script.ended()
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(f"No Temporal server at {address} (")
