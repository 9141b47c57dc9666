"""How the worker reaches each MCP server: nothing is started, nor connected, before it is used."""

from durable_agents import InvalidInput

import asyncio
import logging
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

from agents import UserError
from agents.mcp import MCPServer, MCPServerSse, MCPServerStdio, MCPServerStreamableHttp
from temporalio import activity
from temporalio.openai_agents import StatefulMCPServerProvider

PATIENCE = 20.0  # seconds for an answer, and for a process of ours to start; an attempt has 30
BEAT = 0.5  # seconds after which a session learns that it is to end

# Where the servers are that this worker runs itself.
local_urls: dict[str, str] = {}


def variable(name: str) -> str:
    """Return the name of the environment variable that says where a server is."""
    return f"MCP_{name.upper()}_URL"


def url_of(name: str) -> str:
    """Return the address of a server: that of the environment, else that of our own.

    Raises:
        LookupError: There is neither.
    """
    url = os.environ.get(variable(name)) or local_urls.get(name)
    if url is None:
        raise LookupError(f"{variable(name)} is not set, and this worker runs no such server")
    return url


@asynccontextmanager
async def local_servers() -> AsyncIterator[None]:
    """Run the servers on HTTP that no environment variable names, from here to the process's end.

    Not just while the block lasts: the agents plugin closes its connections to them after that.
    """
    # An MCPServer gives a process without logging a handler that breaks in the workflow sandbox.
    logging.basicConfig()
    # Here, and not at the top: starters and workflows have no use for servers.
    from mcp_servers.servers import prompts, timetable, units
    from mcp_servers.serving import HttpServer

    apps = {
        "prompts": (prompts.server.streamable_http_app(), "/mcp"),
        "timetable": (timetable.server.sse_app(), "/sse"),
        "units": (units.server.streamable_http_app(), "/mcp"),
    }
    for name, (app, path) in apps.items():
        if variable(name) not in os.environ and name not in local_urls:
            server = HttpServer(app, path)
            server.start()
            local_urls[name] = server.url
    yield


def script(name: str, *arguments: str) -> MCPServerStdio:
    """Return a connection that is a process of its own.

    The process gets a few harmless variables of the worker's environment, not its keys.
    """
    path = Path(__file__).parent / "servers" / f"{name}.py"
    return MCPServerStdio(
        {"command": sys.executable, "args": [str(path), *arguments]},
        name=name,
        client_session_timeout_seconds=PATIENCE,
    )


def files() -> MCPServerStdio:
    """Connect to the folder `MCP_FILES_FOLDER`, or to the sample files.

    Raises:
        InvalidInput: The variable does not name a folder.
    """
    folder = os.environ.get("MCP_FILES_FOLDER")
    if folder and not Path(folder).is_dir():
        raise InvalidInput(f"MCP_FILES_FOLDER is {folder!r} on the worker, which is not a folder")
    return script("files", *([folder] if folder else []))


class NamesAddress(MCPServer):
    """Adds the address, and the variable that sets it, to the error of a failed connection."""

    async def connect(self) -> None:
        """Connect.

        Raises:
            ConnectionError: The server is down, or refuses; names its address.
        """
        try:
            await super().connect()  # type: ignore[no-untyped-call, safe-super]
        except UserError as error:
            url = urlsplit(url_of(self.name))  # user, password and query may be secrets
            address = f"{url.scheme}://{url.netloc.rpartition('@')[2]}{url.path}"
            raise ConnectionError(
                f"{error} Its address is {address}: start it, or set {variable(self.name)} on the "
                "worker."
            ) from None


class HttpConnection(NamesAddress, MCPServerStreamableHttp):
    """A connection over streamable HTTP."""


class SseConnection(NamesAddress, MCPServerSse):
    """A connection over server-sent events."""


def units() -> MCPServerStreamableHttp:
    """Connect to the converter of units."""
    return HttpConnection(
        {"url": url_of("units")}, name="units", client_session_timeout_seconds=PATIENCE
    )


def prompts() -> MCPServerStreamableHttp:
    """Connect to the team's prompts."""
    return HttpConnection(
        {"url": url_of("prompts")}, name="prompts", client_session_timeout_seconds=PATIENCE
    )


def timetable() -> MCPServerSse:
    """Connect to the timetable."""
    return SseConnection(
        {"url": url_of("timetable")}, name="timetable", client_session_timeout_seconds=PATIENCE
    )


class Scratchpad(MCPServerStdio):
    """A session of the scratchpad; the provider opens it inside an activity that lasts as long."""

    async def connect(self) -> None:
        """Start the process; heartbeat, since a cancellation comes with a heartbeat's answer."""
        self._beating = asyncio.create_task(beat())
        await super().connect()  # type: ignore[no-untyped-call]

    async def cleanup(self) -> None:
        """End the process."""
        self._beating.cancel()
        await super().cleanup()  # type: ignore[no-untyped-call]


async def beat() -> None:
    """Heartbeat until cancelled."""
    while True:
        activity.heartbeat()
        await asyncio.sleep(BEAT)


def scratchpad(_: object = None) -> Scratchpad:
    """Return a new session; `MCP_SCRATCHPAD_CALLS` says after how many calls it breaks."""
    path = Path(__file__).parent / "servers" / "scratchpad.py"
    calls = os.environ.get("MCP_SCRATCHPAD_CALLS")
    limit = ["--most-calls", calls] if calls else []
    return Scratchpad(
        {"command": sys.executable, "args": [str(path), *limit]},
        name="scratchpad",
        client_session_timeout_seconds=PATIENCE,
    )


PLUGIN_OPTIONS: dict[str, object] = {
    "mcp_servers": {"files": files, "prompts": prompts, "timetable": timetable, "units": units},
    # Deprecated, and the only way to a session that belongs to one workflow.
    "mcp_server_providers": [StatefulMCPServerProvider("scratchpad", scratchpad)],
}
