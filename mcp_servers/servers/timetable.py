"""An MCP server on server-sent events, the transport before streamable HTTP: departures of trains.

New servers have no reason to use it. Some that are around know nothing else.
"""

import typer
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

from mcp_servers.serving import serve_until_stopped

DEPARTURES = {
    "Lyon": {"Geneva": ["08:38", "12:38", "16:38", "20:38"], "Paris": ["09:04", "11:04", "18:04"]},
    "Geneva": {"Lyon": ["07:30", "13:30", "19:30"], "Milan": ["07:39", "13:39", "18:39"]},
}

server = MCPServer("timetable", log_level="WARNING")


@server.tool()
def departures(origin: str, destination: str) -> str:
    """List when trains leave one city for another, today."""
    lines = DEPARTURES.get(origin)
    if lines is None:
        raise ToolError(f"{origin[:100]!r} is not in the timetable; it has {', '.join(DEPARTURES)}")
    if destination not in lines:
        raise ToolError(
            f"No train from {origin} to {destination[:100]!r}, but to {', '.join(lines)}"
        )
    return f"{origin} to {destination}: {', '.join(lines[destination])}"


def main(port: int = 0) -> None:
    """Serve on PORT of this machine, or on a free one, until Ctrl-C."""
    serve_until_stopped(server.sse_app(), "/sse", port)


if __name__ == "__main__":
    typer.run(main)
