"""Reads the repository's source: its files, functions, and imports."""

import ast
import io
import subprocess
import tokenize
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from pathlib import Path

from sample_cli.catalog import ROOT
from tests.harness.starters import TOPICS

CODE = [*TOPICS, "benchmarks", "durable_agents", "failures", "offline_model", "sample_cli", "tests"]

Function = ast.FunctionDef | ast.AsyncFunctionDef

LAYOUT = {
    tokenize.COMMENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
    tokenize.INDENT,
    tokenize.NEWLINE,
    tokenize.NL,
}


def modules(*folders: str) -> list[Path]:
    """Return the Python files in folders of the repository."""
    return [file for folder in folders for file in sorted((ROOT / folder).rglob("*.py"))]


@cache
def tree(file: Path) -> ast.Module:
    """Return a module's syntax tree."""
    return ast.parse(file.read_text(encoding="utf-8"))


def lines(file: Path) -> int:
    """Return the number of lines of a file."""
    return len(file.read_text(encoding="utf-8").splitlines())


def lines_of_code(file: Path) -> int:
    """Return the number of lines of a file that are not blank, comments, or docstrings.

    A string statement counts as a docstring, also after a constant. In files other than Python
    modules, every line that is not blank counts.
    """
    text = file.read_text(encoding="utf-8")
    filled = {number for number, line in enumerate(text.splitlines(), start=1) if line.strip()}
    if file.suffix != ".py":
        return len(filled)
    code: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in LAYOUT:
            code |= {*range(token.start[0], token.end[0] + 1)}
    for node in ast.walk(tree(file)):
        value = node.value if isinstance(node, ast.Expr) else None
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            code -= {*range(value.lineno, (value.end_lineno or 0) + 1)}
    return len(code & filled)


def functions(file: Path) -> list[Function]:
    """Return the functions and methods of a module."""
    return [node for node in ast.walk(tree(file)) if isinstance(node, Function)]


def body_lines(function: Function) -> int:
    """Return the number of lines of a function without its docstring."""
    first = function.body[1] if ast.get_docstring(function) and function.body[1:] else function
    return (function.end_lineno or 0) - first.lineno + 1


def tracked_files() -> list[Path]:
    """Return the files in git, without the lock file, which contains addresses of packages."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    names = [name for name in listed.stdout.split("\0") if name and name != "uv.lock"]
    return [ROOT / name for name in names if (ROOT / name).exists()]


def text_files() -> Iterator[tuple[str, str]]:
    """Yield the path and text of each tracked file that is text."""
    for file in tracked_files():
        try:
            yield file.relative_to(ROOT).as_posix(), file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def module_name(file: Path) -> str:
    """Return the dotted name of a module of the repository."""
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def import_graph() -> dict[str, set[str]]:
    """Return the modules of this repository that each module imports, anywhere in its code."""
    names = {module_name(file) for file in modules(*CODE)}
    return {module_name(file): _imports(file, names) & names for file in modules(*CODE)}


def _imports(file: Path, names: set[str]) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            members = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= members & names
            if members - names:  # something that the package itself defines
                found.add(node.module)
    return found - {module_name(file)}


def reachable(starts: Iterable[str], without: Collection[str] = ()) -> set[str]:
    """Return the modules that some modules import, directly or indirectly, and themselves.

    Modules in packages whose names are in `without` are left out.
    """
    found: set[str] = set()
    pending = [*starts]
    while pending:
        name = pending.pop()
        if name not in found and not {*name.split(".")} & {*without}:
            found.add(name)
            pending += import_graph()[name]
    return found


def file_of(module: str) -> Path:
    """Return the file of a module of the repository."""
    path = ROOT.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
