"""Local HTTP servers: child processes that are shared, restarted, and never left behind."""

import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from mcp_servers import local_servers
from mcp_servers.local_servers import local_url
from sample_cli.processes import until
from tests.harness.processes import ForkedScript

SCRIPT = """
import time
from mcp_servers.local_servers import local_url
print(local_url("units"), flush=True)
time.sleep(60)
"""


def is_listening(url: str) -> bool:
    address = urlsplit(url)
    assert address.hostname
    assert address.port
    try:
        socket.create_connection((address.hostname, address.port)).close()
    except ConnectionRefusedError:
        return False
    return True


async def test_server_exits_when_the_worker_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(SCRIPT)
    with ForkedScript(script, folder=tmp_path) as parent:

        async def started() -> bool:
            return parent.out.endswith("\n")

        await until(started)
        url = parent.out.strip()
        assert is_listening(url)

    # Leaving the block killed the parent.
    async def stopped() -> bool:
        return not is_listening(url)

    await until(stopped)


@pytest.mark.exhaustive
def test_server_is_restarted_after_a_crash() -> None:
    url = local_url("units")
    assert local_url("units") == url
    process = local_servers._servers["units"].process
    process.kill()
    process.communicate()
    assert local_url("units") != url
    assert is_listening(local_url("units"))


def test_error_names_a_server_that_does_not_start() -> None:
    with pytest.raises(ConnectionError, match="'missing' did not start"):
        local_url("missing")
