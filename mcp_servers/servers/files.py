"""An MCP server on stdio: lists, searches, reads, and deletes the text files in one folder.

The client starts it; `mcp_servers/connections.py` has the command. It exits when its standard input
closes, so it never outlives the worker that started it.
"""

from pathlib import Path
from typing import Annotated

import typer
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

# A tool's result is recorded in the history, and sent to the model.
MAX_TEXT_LENGTH = 20_000  # characters of a file
MAX_LINES = 50  # per search
MAX_LINE_LENGTH = 300  # characters
MAX_NAMES = 500
MAX_FILE_BYTES = 5_000_000  # of a file that is read or searched

server = MCPServer("files", log_level="WARNING")
served = Path(__file__).parents[1] / "sample_files"


def within(path: Path) -> bool:
    """Return whether a path is in the served folder, after following symbolic links."""
    return path.resolve().is_relative_to(served.resolve())


def find(name: str) -> Path:
    """Return the path of a file in the served folder.

    Raises:
        ToolError: It is not a file in the folder; the model reads the message.
    """
    shown = shorten(repr(name), 100)
    path = served / name
    try:
        if not within(path):
            raise ToolError(
                f"{shown} is outside the served folder: only files inside it can be read"
            )
        if path.is_file():
            return path
    except (OSError, RuntimeError, ValueError):  # NUL, too long, not UTF-8, a loop of links
        raise ToolError(f"{shown} is not a file name: call list_files for the names") from None
    raise ToolError(f"There is no file {shown}: call list_files for the names")


def text_of(name: str) -> str:
    """Return the text of a file.

    Raises:
        ToolError: The file does not exist, is too large, or is not text.
    """
    path = find(name)
    if path.stat().st_size > MAX_FILE_BYTES:
        raise ToolError(f"{name!r} is larger than {MAX_FILE_BYTES / 1e6:g} MB, the limit")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise ToolError(f"{name!r} is not a text file") from None


def names() -> list[str]:
    """Return the names of all files, except names that are not printable."""
    found = [path for path in sorted(served.rglob("*")) if path.is_file() and within(path)]
    listed = [path.relative_to(served).as_posix() for path in found]
    return [name for name in listed if name.isprintable()]


def lines_of(name: str) -> list[str]:
    """Return the lines of a file; none if it is not text, or too large."""
    try:
        return text_of(name).splitlines()
    except ToolError:
        return []


def shorten(text: str, max_length: int) -> str:
    """Return a text; if it is longer than `max_length` characters, its start and its length."""
    if len(text) <= max_length:
        return text
    return f"{text[:max_length]} [... {len(text):,} characters]"


def first(lines: list[str], max_count: int) -> str:
    """Return the first lines, and their total number if there are more."""
    omitted = len(lines) > max_count
    note = [f"[Showing {max_count} of {len(lines):,}.]"] if omitted else []
    return "\n".join(lines[:max_count] + note)


@server.tool()
def list_files() -> str:
    """List the names of all files, one per line."""
    return first(names(), MAX_NAMES) or "There are no files."


@server.tool()
def search_files(text: str) -> str:
    """Find the lines that contain a text, ignoring case, each with its file's name."""
    found = [
        f"{name}: {shorten(line.strip(), MAX_LINE_LENGTH)}"
        for name in names()
        for line in lines_of(name)
        if text.lower() in line.lower()
    ]
    return first(found, MAX_LINES) or f"No line contains {shorten(repr(text), 100)}."


@server.tool()
def read_file(name: str) -> str:
    """Read a file by its name in list_files."""
    return shorten(text_of(name), MAX_TEXT_LENGTH)


@server.tool()
def delete_file(name: str) -> str:
    """Delete a file."""
    text_of(name)  # a file that cannot be read cannot be deleted either
    (served / name).unlink()
    return f"{name} was deleted."


def main(folder: Annotated[Path, typer.Argument(exists=True, file_okay=False)] = served) -> None:
    """Serve FOLDER on standard input and output."""
    global served
    served = folder
    server.run("stdio")


if __name__ == "__main__":
    typer.run(main)
