"""An MCP server on streamable HTTP: a team's prompts, in one place for all its agents."""

import typer
from mcp.server.mcpserver import MCPServer

from mcp_servers.serving import serve_http

server = MCPServer("prompts", log_level="WARNING")


@server.prompt()
def review_code(focus: str) -> str:
    """Return instructions for a code review with a focus."""
    return f"""
        You review code for the team, and look at {focus} above all.
        Report at most three findings, the most severe first, each in one sentence with its line.
        If there are no findings, say only that.
    """


def main(port: int = 0, *, exit_with_parent: bool = False) -> None:
    """Serve on PORT of this machine, by default a free one, until Ctrl-C."""
    serve_http(server.streamable_http_app(), "/mcp", port, exit_with_parent=exit_with_parent)


if __name__ == "__main__":
    typer.run(main)
