"""Connects the worker to each MCP server. Servers are started and connected on first use."""

from durable_agents import InvalidInput

import asyncio
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypedDict
from urllib.parse import urlsplit

from agents import UserError
from agents.mcp import MCPServer, MCPServerSse, MCPServerStdio, MCPServerStreamableHttp
from temporalio.openai_agents import StatefulMCPServerProvider

from mcp_servers.local_servers import SERVERS, local_url

RESPONSE_TIMEOUT = 20.0  # seconds, including the start of a process; an attempt has 30


def url_variable(name: str) -> str:
    """Return the name of the environment variable with a server's URL."""
    return f"MCP_{name.upper()}_URL"


async def server_url(name: str) -> str:
    """Return a server's URL: from the environment, otherwise that of a local process.

    Raises:
        ConnectionError: The local process did not start.
    """
    if url := os.environ.get(url_variable(name)):
        return url
    return await asyncio.to_thread(local_url, name)


@contextmanager
def address_in_errors(name: str, url: str) -> Iterator[None]:
    """Add the address, and the variable that sets it, to the error of a failed connection.

    Raises:
        ConnectionError: The server is down, or refused the connection.
    """
    try:
        yield
    except UserError as error:
        parts = urlsplit(url)  # user, password and query may be secrets
        address = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
        raise ConnectionError(
            f"{error} Its address is {address}: start it, or set {url_variable(name)} on the "
            "worker."
        ) from None


class HttpConnection(MCPServerStreamableHttp):
    """A connection over streamable HTTP."""

    def __init__(self, name: str) -> None:
        super().__init__({"url": ""}, name=name, client_session_timeout_seconds=RESPONSE_TIMEOUT)

    async def connect(self) -> None:
        """Connect to the server's current URL."""
        self.params["url"] = url = await server_url(self.name)
        with address_in_errors(self.name, url):
            await super().connect()  # type: ignore[no-untyped-call]


class SseConnection(MCPServerSse):
    """A connection over server-sent events."""

    def __init__(self, name: str) -> None:
        super().__init__({"url": ""}, name=name, client_session_timeout_seconds=RESPONSE_TIMEOUT)

    async def connect(self) -> None:
        """Connect to the server's current URL."""
        self.params["url"] = url = await server_url(self.name)
        with address_in_errors(self.name, url):
            await super().connect()  # type: ignore[no-untyped-call]


def stdio_connection(name: str, *arguments: str) -> MCPServerStdio:
    """Return a connection to a new process.

    The process inherits a few harmless variables of the worker's environment, not its keys.
    """
    return MCPServerStdio(
        {"command": sys.executable, "args": [str(SERVERS / f"{name}.py"), *arguments]},
        name=name,
        client_session_timeout_seconds=RESPONSE_TIMEOUT,
    )


def files() -> MCPServerStdio:
    """Return a connection to a file server for `MCP_FILES_FOLDER`, or for the sample files.

    Raises:
        InvalidInput: `MCP_FILES_FOLDER` is not a folder.
    """
    folder = os.environ.get("MCP_FILES_FOLDER")
    if folder and not Path(folder).is_dir():
        raise InvalidInput(f"MCP_FILES_FOLDER is {folder!r} on the worker, which is not a folder")
    return stdio_connection("files", *([folder] if folder else []))


def units() -> MCPServerStreamableHttp:
    """Return a connection to the unit converter."""
    return HttpConnection("units")


def prompts() -> MCPServerStreamableHttp:
    """Return a connection to the team's prompts."""
    return HttpConnection("prompts")


def timetable() -> MCPServerSse:
    """Return a connection to the timetable."""
    return SseConnection("timetable")


def scratchpad(_: object = None) -> MCPServerStdio:
    """Return a new session; `MCP_SCRATCHPAD_CALLS` is the number of calls after which it crashes.

    The provider opens it inside an activity that runs as long as the session.
    """
    calls = os.environ.get("MCP_SCRATCHPAD_CALLS")
    return stdio_connection("scratchpad", *(["--max-calls", calls] if calls else []))


class PluginOptions(TypedDict):
    """Options of the agents plugin that the worker and the starters share."""

    mcp_servers: dict[str, Callable[[], MCPServer]]
    mcp_server_providers: list[StatefulMCPServerProvider]


PLUGIN_OPTIONS = PluginOptions(
    mcp_servers={"files": files, "prompts": prompts, "timetable": timetable, "units": units},
    # Deprecated, but the only way to get one session per workflow.
    mcp_server_providers=[StatefulMCPServerProvider("scratchpad", scratchpad)],
)
