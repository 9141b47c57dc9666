"""An MCP server on stdio: lists, searches and reads the text files of one folder, and no others.

Whoever connects starts it: `mcp_servers/connections.py` has the command. It ends when its standard
input does, so also when the worker that started it is killed.
"""

from pathlib import Path
from typing import Annotated

import typer
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

LONGEST = 20_000  # characters of a file that are told: all of it is recorded, and sent to the model
MOST_LINES = 50  # that a search finds

server = MCPServer("files", log_level="WARNING")
served = Path(__file__).parents[1] / "sample_files"


def within(path: Path) -> bool:
    """Whether a path leads into the served folder, with all symbolic links followed."""
    return path.resolve().is_relative_to(served.resolve())


def text_of(name: str) -> str:
    """Return what is in a file.

    Raises:
        ToolError: It is not in the served folder, not a file, or not text: the model is told.
    """
    path = served / name
    if not within(path):
        raise ToolError(f"{name!r} is outside the served folder: only files in it can be read")
    if not path.is_file():
        raise ToolError(f"There is no file {name!r}: list_files names them all")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise ToolError(f"{name!r} is not a text file") from None


def names() -> list[str]:
    """Return the names of all files."""
    found = [path for path in sorted(served.rglob("*")) if path.is_file() and within(path)]
    return [path.relative_to(served).as_posix() for path in found]


def lines_of(name: str) -> list[str]:
    """Return the lines of a file; none of one that is not text."""
    try:
        return text_of(name).splitlines()
    except ToolError:
        return []


@server.tool()
def list_files() -> str:
    """List the names of all files, one a line."""
    return "\n".join(names()) or "There are no files."


@server.tool()
def search_files(text: str) -> str:
    """Find the lines that contain a text, in any case; each with the name of its file."""
    found = [
        f"{name}: {line.strip()}"
        for name in names()
        for line in lines_of(name)
        if text.lower() in line.lower()
    ]
    return "\n".join(found[:MOST_LINES]) or f"No line contains {text!r}."


@server.tool()
def read_file(name: str) -> str:
    """Read a file. Its name is as list_files has it."""
    return text_of(name)[:LONGEST]


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
