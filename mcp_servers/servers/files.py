"""An MCP server on stdio: lists, searches and reads the text files of one folder, and no others.

Whoever connects starts it: `mcp_servers/connections.py` has the command. It ends when its standard
input does, so also when the worker that started it is killed.
"""

from pathlib import Path
from typing import Annotated

import typer
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

# All that a tool returns is recorded, and sent to the model.
MAX_TEXT = 20_000  # characters of a file
MAX_LINES = 50  # that a search finds
MAX_LINE = 300  # characters of such a line
MAX_NAMES = 500  # that are listed
MAX_FILE = 5_000_000  # bytes of a file that is read or searched

server = MCPServer("files", log_level="WARNING")
served = Path(__file__).parents[1] / "sample_files"


def within(path: Path) -> bool:
    """Whether a path leads into the served folder, with all symbolic links followed."""
    return path.resolve().is_relative_to(served.resolve())


def find(name: str) -> Path:
    """Return the path of a file in the served folder.

    Raises:
        ToolError: It is not in the folder, or not a file; the model reads the message.
    """
    shown = shorten(repr(name), 100)
    path = served / name
    try:
        if not within(path):
            raise ToolError(f"{shown} is outside the served folder: only files in it can be read")
        if path.is_file():
            return path
    except (OSError, RuntimeError, ValueError):  # NUL, too long, not UTF-8, a loop of links
        raise ToolError(f"{shown} is not a file name: list_files names them all") from None
    raise ToolError(f"There is no file {shown}: list_files names them all")


def text_of(name: str) -> str:
    """Return what is in a file.

    Raises:
        ToolError: There is no such file, or it is too large, or not text.
    """
    path = find(name)
    if path.stat().st_size > MAX_FILE:
        raise ToolError(f"{name!r} is larger than {MAX_FILE / 1e6:g} MB, the limit")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise ToolError(f"{name!r} is not a text file") from None


def names() -> list[str]:
    """Return the names of all files, but for those that are not UTF-8."""
    found = [path for path in sorted(served.rglob("*")) if path.is_file() and within(path)]
    listed = [path.relative_to(served).as_posix() for path in found]
    return [name for name in listed if name.isprintable()]


def lines_of(name: str) -> list[str]:
    """Return the lines of a file; none of one that is not text, or too large."""
    try:
        return text_of(name).splitlines()
    except ToolError:
        return []


def shorten(text: str, limit: int) -> str:
    """Return a text, or its start and its length if it is longer than the limit."""
    return text if len(text) <= limit else f"{text[:limit]} [... {len(text):,} characters]"


def first(found: list[str], limit: int) -> str:
    """Return the first lines, and how many there are if not all are shown."""
    more = [f"[{limit} of {len(found):,} are shown.]"] if len(found) > limit else []
    return "\n".join(found[:limit] + more)


@server.tool()
def list_files() -> str:
    """List the names of all files, one a line."""
    return first(names(), MAX_NAMES) or "There are no files."


@server.tool()
def search_files(text: str) -> str:
    """Find the lines that contain a text, in any case; each with the name of its file."""
    found = [
        f"{name}: {shorten(line.strip(), MAX_LINE)}"
        for name in names()
        for line in lines_of(name)
        if text.lower() in line.lower()
    ]
    return first(found, MAX_LINES) or f"No line contains {shorten(repr(text), 100)}."


@server.tool()
def read_file(name: str) -> str:
    """Read a file. Its name is as list_files has it."""
    return shorten(text_of(name), MAX_TEXT)


@server.tool()
def delete_file(name: str) -> str:
    """Delete a file."""
    text_of(name)  # nothing that could not be read is deleted, either
    (served / name).unlink()
    return f"{name} is gone."


def main(folder: Annotated[Path, typer.Argument(exists=True, file_okay=False)] = served) -> None:
    """Serve FOLDER on standard input and output."""
    global served
    served = folder
    server.run("stdio")


if __name__ == "__main__":
    typer.run(main)
