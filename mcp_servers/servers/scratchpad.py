"""A stateful MCP server on stdio: a process for each session, and the notes are in its memory.

When the process goes, the notes are gone. `--most-calls` makes it go on purpose.
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
    """End the process, without an answer, when its last call has been made."""
    if calls_left:
        calls_left[0] -= 1
        if calls_left[0] < 0:
            os._exit(1)


@server.tool()
def add_note(text: str) -> str:
    """Write a note down."""
    if not text.strip():
        raise ToolError("The note is empty")
    if len(text) > MAX_NOTE:
        raise ToolError(f"The note is {len(text):,} characters; the limit is {MAX_NOTE:,}")
    notes.append(text)
    count_call()  # after the note: whoever asked cannot know whether it was written
    return f"Note {len(notes)} is written down."


@server.tool()
def list_notes() -> str:
    """Read all notes, in the order in which they were written."""
    count_call()
    return "\n".join(f"{number}. {text}" for number, text in enumerate(notes, 1)) or "No notes."


@server.tool()
def restore_notes(texts: list[str]) -> str:
    """Replace all notes."""
    notes[:] = texts
    return f"{len(notes)} notes."


def main(most_calls: int | None = None) -> None:
    """Serve on standard input and output; end in the middle of the call after MOST_CALLS."""
    if most_calls is not None:
        calls_left.append(most_calls)
    server.run("stdio")


if __name__ == "__main__":
    typer.run(main)
