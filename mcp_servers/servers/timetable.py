"""An MCP server on server-sent events, the transport before streamable HTTP: train departures.

New servers should use streamable HTTP. Some existing ones support only this transport.
"""

import typer
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

from mcp_servers.serving import serve_http

DEPARTURES = {
    "Lyon": {"Geneva": ["08:38", "12:38", "16:38", "20:38"], "Paris": ["09:04", "11:04", "18:04"]},
    "Geneva": {"Lyon": ["07:30", "13:30", "19:30"], "Milan": ["07:39", "13:39", "18:39"]},
}

server = MCPServer("timetable", log_level="WARNING")


@server.tool()
def departures(origin: str, destination: str) -> str:
    """List today's departures from one city to another."""
    lines = DEPARTURES.get(origin)
    if lines is None:
        known = ", ".join(DEPARTURES)
        raise ToolError(f"{origin[:100]!r} is not in the timetable; known origins: {known}")
    if destination not in lines:
        known = ", ".join(lines)
        raise ToolError(
            f"No train from {origin} to {destination[:100]!r}; known destinations: {known}"
        )
    return f"{origin} to {destination}: {', '.join(lines[destination])}"


def main(port: int = 0, *, exit_with_parent: bool = False) -> None:
    """Serve on PORT of this machine, by default a free one, until Ctrl-C."""
    serve_http(server.sse_app(), "/sse", port, exit_with_parent=exit_with_parent)


if __name__ == "__main__":
    typer.run(main)
