"""Runs the HTTP servers in `servers/` as child processes, so that one command runs a sample.

A server starts on first use and exits when its standard input closes. The operating system closes
it when this process exits, even if it is killed, so no server is left behind.
"""

import re
import subprocess
import sys
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from mcp.client.stdio import get_default_environment

SERVERS = Path(__file__).parent / "servers"


class LocalServer(NamedTuple):
    """A running server.

    Attributes:
        process: The child process.
        url: The URL of its endpoint.
    """

    process: subprocess.Popen[str]
    url: str


_servers: dict[str, LocalServer] = {}
_lock = Lock()


def local_url(name: str) -> str:
    """Return the URL of a server in `servers/`. Start it and wait until it listens, if needed.

    Raises:
        ConnectionError: The server did not start.
    """
    with _lock:
        server = _servers.get(name)
        if server is None or server.process.poll() is not None:
            server = _servers[name] = _start(name)
        return server.url


def _start(name: str) -> LocalServer:
    process = subprocess.Popen(
        [sys.executable, str(SERVERS / f"{name}.py"), "--exit-with-parent"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=get_default_environment(),  # not the worker's keys
        start_new_session=True,  # Ctrl-C is for the worker, which closes its connections first
    )
    line = process.stdout.readline() if process.stdout else ""
    url = re.search(r"http://\S+", line)
    if not url:
        process.kill()
        process.communicate()
        raise ConnectionError(f"The local MCP server {name!r} did not start; see its error above")
    return LocalServer(process, url[0])
