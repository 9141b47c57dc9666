"""Carries out a Dockerfile's steps in a folder, without Docker: it is parsed, not copied."""

import asyncio
import json
import os
import re
import shlex
import shutil
import stat
import subprocess
import sys
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

from sample_cli.catalog import ROOT
from tests.harness.source import tracked_files

# The image's own interpreter is in /usr/local; here, one that other users may run, too.
PYTHON = "/usr/bin/python3"
UID = 10001


@dataclass
class Stage:
    """The root folder of a stage, and what its last instructions say."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)
    folder: str = "/"
    user: str = "0"
    command: list[str] = field(default_factory=list)

    def path(self, name: str) -> Path:
        """Return where a path of the image is here."""
        return self.root / str(Path(self.folder) / name).lstrip("/")

    def variables(self) -> dict[str, str]:
        """Return the environment of a process, with paths of the image replaced."""
        absolute = re.compile(r"(^|:)/app\b")
        moved = {
            name: absolute.sub(rf"\g<1>{self.root}/app", value)
            for name, value in self.environment.items()
        }
        return {"PATH": os.environ["PATH"], **moved}


def instructions(text: str) -> list[tuple[str, str]]:
    """Return the instructions of a Dockerfile, with their arguments."""
    text = re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    lines = (line.strip().partition(" ") for line in text.splitlines() if line.strip())
    return [(word, rest.strip()) for word, _, rest in lines]


def build(dockerfile: Path, folder: Path, **arguments: str) -> Stage:
    """Build the last stage of a Dockerfile in `folder`, and return it.

    Only the programs of base images are not used: `python` and `uv` are those of this machine.
    """
    stages: dict[str, Stage] = {}
    stage = Stage(folder)
    for word, rest in instructions(dockerfile.read_text(encoding="utf-8")):
        match word:
            case "FROM":
                name = rest.partition(" AS ")[2] or "last"
                stage = stages[name] = Stage(folder / name)
                stage.root.mkdir()
            case "WORKDIR":
                stage.folder = rest
                stage.path("").mkdir(parents=True, exist_ok=True)
            case "ARG":
                name, _, default = rest.partition("=")
                stage.environment[name] = arguments.get(name, shlex.split(default)[0])
            case "ENV":
                for entry in shlex.split(rest):
                    name, _, value = entry.partition("=")
                    stage.environment[name] = _expand(value, stage.environment)
            case "COPY":
                _copy(stage, shlex.split(rest), stages, dockerfile)
            case "RUN":
                _run(stage, rest)
            case "USER":
                stage.user = rest
            case "CMD":
                stage.command = json.loads(rest)
            case "STOPSIGNAL":
                assert rest == "SIGTERM"
            case _:
                raise NotImplementedError(word)
    return stage


def _run(stage: Stage, command: str) -> None:
    """Run a command, with this machine's settings of package registries."""
    project = ("VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT")
    own = {name: os.environ[name] for name in os.environ.keys() - {*project}}
    own["UV_PYTHON"] = PYTHON if Path(PYTHON).exists() else sys.executable
    environment = {**own, **stage.variables()}
    subprocess.run(["sh", "-c", command], cwd=stage.path(""), env=environment, check=True)


def _expand(value: str, known: dict[str, str]) -> str:
    """Replace variables by their values; PATH is this machine's, unless it is known."""
    return re.sub(r"\$(\w+)", lambda m: known.get(m[1], os.environ.get(m[1], "")), value)


def _copy(stage: Stage, words: list[str], stages: dict[str, Stage], dockerfile: Path) -> None:
    option, *rest = words
    if option.startswith("--from="):
        if origin := stages.get(option.removeprefix("--from=")):
            source, target = rest
            there = stage.path(target)
            shutil.copytree(  # hard links: the stage that it comes from is not needed any more
                origin.path(source), there, True, copy_function=os.link, dirs_exist_ok=True
            )
        return  # from another image: a program, which is installed here
    *sources, target = words
    for file in context(dockerfile):
        if sources == ["."] or str(file) in sources:
            there = stage.path(target) / file
            there.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / file, there)


def context(dockerfile: Path) -> list[Path]:
    """Return the tracked files that the .dockerignore lets into the image."""
    ignore = dockerfile.with_name(f"{dockerfile.name}.dockerignore").read_text(encoding="utf-8")
    rules = [line for line in ignore.splitlines() if line and not line.startswith("#")]
    files = [file.relative_to(ROOT) for file in tracked_files()] + [Path("uv.lock")]
    return [file for file in files if not _ignored(file, rules)]


def _ignored(file: Path, rules: list[str]) -> bool:
    """Return whether the last rule that matches a file, or a folder that it is in, excludes it."""
    paths = [str(path) for path in (file, *file.parents) if path != Path()]
    ignored = False
    for rule in rules:
        pattern = rule.removeprefix("!")
        patterns = [pattern, pattern.removeprefix("**/")]
        if any(fnmatch(path, p) for path in paths for p in patterns if "*" in p or path == p):
            ignored = not rule.startswith("!")
        elif pattern.startswith("**/") and any(Path(path).name == patterns[1] for path in paths):
            ignored = True
    return ignored


async def start(image: Stage, command: list[str], **variables: str) -> asyncio.subprocess.Process:
    """Start a process as the image's user, with the image's environment and nothing else."""
    user = {"user": UID, "group": UID, "extra_groups": []} if os.geteuid() == 0 else {}
    return await asyncio.create_subprocess_exec(
        *command,
        cwd=image.path(""),
        env={**image.variables(), "HOME": "/", **variables},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        **user,  # type: ignore[arg-type]
    )


def write_protect(folder: Path, protect: bool = True) -> None:
    """Take the right to write from all files in a folder, or give it back to their owner."""
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode & ~0o222 if protect else mode | stat.S_IWUSR)
