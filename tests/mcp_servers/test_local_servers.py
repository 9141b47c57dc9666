"""Local HTTP servers: child processes that are shared, restarted, and never left behind."""

import asyncio
import socket
import sys
from urllib.parse import urlsplit

import pytest

from mcp_servers import local_servers
from mcp_servers.local_servers import local_url
from sample_cli.processes import until

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


async def test_server_exits_when_the_worker_is_killed() -> None:
    command = [sys.executable, "-c", SCRIPT]
    worker = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert worker.stdout
    url = (await worker.stdout.readline()).decode().strip()
    listened = is_listening(url)
    worker.kill()
    await worker.wait()
    assert listened

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
