"""A stateful MCP server on stdio: one process per session, with the notes in its memory.

If the process crashes, the notes are lost. `--max-calls` makes it crash on purpose.
"""

import os

import typer
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

MAX_NOTE = 2_000  # characters

server = MCPServer("scratchpad", log_level="WARNING")
notes: list[str] = []
calls_left: list[int] = []


def count_call() -> None:
    """Crash without an answer once the limit of calls is exceeded."""
    if calls_left:
        calls_left[0] -= 1
        if calls_left[0] < 0:
            os._exit(1)


@server.tool()
def add_note(text: str) -> str:
    """Write a note."""
    if not text.strip():
        raise ToolError("The note is empty")
    if len(text) > MAX_NOTE:
        raise ToolError(f"The note is {len(text):,} characters; the limit is {MAX_NOTE:,}")
    notes.append(text)
    count_call()  # after writing: the outcome is unknown to the caller
    return f"Note {len(notes)} written."


@server.tool()
def list_notes() -> str:
    """Read all notes in the order they were written."""
    count_call()
    return "\n".join(f"{number}. {text}" for number, text in enumerate(notes, 1)) or "No notes."


@server.tool()
def restore_notes(texts: list[str]) -> str:
    """Replace all notes."""
    notes[:] = texts
    return f"{len(notes)} notes."


def main(max_calls: int | None = None) -> None:
    """Serve on standard input and output; crash during the call after MAX_CALLS."""
    if max_calls is not None:
        calls_left.append(max_calls)
    server.run("stdio")


if __name__ == "__main__":
    typer.run(main)
