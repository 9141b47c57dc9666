"""`sample new`: creates a project from `template/` and the code that all samples share."""

import importlib.util
import keyword
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sample_cli.catalog import ROOT
from sample_cli.processes import CommandError

TEMPLATE = "template"
# The names of the project and its package in the template.
NAME, PACKAGE = "my-agent", "my_agent"
VALID_NAME = re.compile(r"[a-z](-?[a-z0-9]+)*")
# Without their leading dot, they do not apply to this repository.
HIDDEN = ("gitignore", "dockerignore")
# Modules of durable_agents that need packages that the template does not have.
OPTIONAL = {"database.py", "web.py"}
SKILL = Path("skills/durable-agents/SKILL.md")


def create_project(path: Path, name: str | None = None, root: Path = ROOT) -> str:
    """Write a project to `path`, all or nothing; return its name.

    Raises:
        CommandError: The name is invalid, the path is in use, or it cannot be written.
    """
    name = check_name(path.name.replace("_", "-") if name is None else name)
    files = [each for each in (path, *path.parents) if each.exists() and not each.is_dir()]
    if files or path.is_symlink():  # a link would be replaced, not followed
        raise CommandError(f"{files[0] if files else path} is not a folder.", 2)
    if path.exists() and any(path.iterdir()):
        raise CommandError(f"{path} is not empty. Choose another path.", 2)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{name}-") as folder:
            draft = Path(folder) / name
            for source, target in _files(root):
                _write(source, draft / str(target).replace(PACKAGE, name.replace("-", "_")), name)
            draft.replace(path)
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}", 2) from error
    return name


def check_name(name: str) -> str:
    """Return `name`; raise CommandError if it is invalid, or its package would hide a module."""
    package = name.replace("-", "_")
    if not VALID_NAME.fullmatch(name):
        problem = "is not a project name. Use lowercase letters, digits, and single hyphens"
        raise CommandError(f"{name!r} {problem}, as in my-agent: --name NAME.", 2)
    taken = {"durable_agents", "skills", "template", "tests", *sys.stdlib_module_names}
    if keyword.iskeyword(package) or package in taken or importlib.util.find_spec(package):
        raise CommandError(
            f"{package!r} is already the name of a module. Choose another one: --name NAME.", 2
        )
    return name


def _files(root: Path) -> Iterator[tuple[Path, Path]]:
    """Yield each file to copy, and its path in the project."""
    for file in sorted((root / TEMPLATE).rglob("*")):
        if file.is_file() and "__pycache__" not in file.parts:
            path = file.relative_to(root / TEMPLATE)
            yield file, Path(f".{path}") if path.name in HIDDEN else path
    for file in sorted((root / "durable_agents").glob("*.py")):
        if file.name not in OPTIONAL:
            yield file, file.relative_to(root)
    yield root / SKILL, SKILL


def _write(source: Path, target: Path, name: str) -> None:
    text = source.read_text(encoding="utf-8")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(
        text.replace(NAME, name).replace(PACKAGE, name.replace("-", "_")), encoding="utf-8"
    )
    shutil.copymode(source, target)
