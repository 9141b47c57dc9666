"""An MCP server on streamable HTTP: the prompts of a team, kept in one place for all its agents."""

import typer
from mcp.server.mcpserver import MCPServer

from mcp_servers.serving import serve_until_stopped

server = MCPServer("prompts", log_level="WARNING")


@server.prompt()
def review_code(focus: str) -> str:
    """Return instructions for the review of a piece of code, with a focus."""
    return f"""
        You review code for the team, and look at {focus} above all.
        Name at most three findings, the worst first, each in one sentence with its line.
        When there is nothing to find, say just that.
    """


def main(port: int = 0) -> None:
    """Serve on PORT of this machine, or on a free one, until Ctrl-C."""
    serve_until_stopped(server.streamable_http_app(), "/mcp", port)


if __name__ == "__main__":
    typer.run(main)
