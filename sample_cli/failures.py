"""`sample fail`: plays the naive and the durable version of a failure, and compares them."""

import ast
import asyncio
import difflib
import json
import re
import sys
import tempfile
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from sample_cli.catalog import ROOT, constants, did_you_mean, near_matches
from sample_cli.history_timeline import Run, runs
from sample_cli.processes import CommandError, background
from sample_cli.session import environment
from sample_cli.temporal_server import Server, own_server

FOLDER = "failures"
VERSIONS = ("naive", "durable")
PLAY_TIMEOUT = 180.0  # seconds; a version usually takes less than 10
PARAGRAPHS = re.compile(r"^(Cause|Cure): (.+?)(?:\n\n|\Z)", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Failure:
    """A failure, as its module describes it.

    Attributes:
        symptom: The docstring's first line: what a user would search for.
        expected: The outcome of each version, by version, as a regular expression.
        cure_at: The file and the symbol with the cure, as `path: symbol`.
        test: The file with the test of the durable behavior.
        upstream: The dependency's issue, as `owner/repository#number`; empty if there is none.
        server_options: Options of the dev server that the failure needs.
    """

    name: str
    group: str
    symptom: str
    cause: str
    cure: str
    expected: Mapping[str, str]
    cure_at: str
    test: str
    upstream: str
    server_options: Sequence[str]
    file: Path


@dataclass(frozen=True)
class Played:
    """One version of a failure, after it has played.

    Attributes:
        runs: Its workflow runs, on the server at `address`.
    """

    version: str
    outcome: str
    seconds: float
    model_calls: int
    expected: str
    runs: list[Run]
    address: str

    @property
    def as_described(self) -> bool:
        """Whether the version behaved as its module describes."""
        return bool(re.fullmatch(self.expected, self.outcome, re.DOTALL))


def failures(root: Path = ROOT) -> list[Failure]:
    """Return all failures, in the order of their groups; raise CommandError if one is invalid."""
    groups: Sequence[str] = constants(root / FOLDER / "__init__.py")["GROUPS"]
    found = [
        _failure(file, groups) for file in sorted((root / FOLDER / "workflows").glob("[!_]*.py"))
    ]
    return sorted(found, key=lambda failure: groups.index(failure.group))


def find_failure(name: str, root: Path = ROOT) -> Failure:
    """Return a failure; raise CommandError with similar names if it is unknown."""
    known = {failure.name: failure for failure in failures(root)}
    wanted = name.replace("-", "_").lower()
    if wanted in known:
        return known[wanted]
    hint = did_you_mean(near_matches(wanted, known))
    raise CommandError(f"There is no failure {name!r}.{hint} `sample fail` lists all.", 2)


async def play_each(chosen: Sequence[Failure]) -> AsyncGenerator[tuple[Failure, list[Played]]]:
    """Play failures one after another on a new server; yield each with both of its versions.

    The server has the options of all `chosen` failures.

    Raises:
        CommandError: The server did not start, or a version crashed or took too long.
    """
    options = [word for failure in chosen for word in failure.server_options]
    async with AsyncExitStack() as stack:
        logs = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sample-")))
        server = await stack.enter_async_context(own_server(logs, options=options))
        for failure in chosen:
            versions = (_play(failure, version, server, logs) for version in VERSIONS)
            yield failure, await asyncio.gather(*versions)


async def _play(failure: Failure, version: str, server: Server, logs: Path) -> Played:
    """Play one version in its own process."""
    name = f"{failure.name}, {version}"
    command = [sys.executable, "-m", f"{FOLDER}.play", failure.name, version]
    env = environment(server, None)
    log = logs / f"{failure.name}-{version}.log"
    async with background(name, command, env, log) as process:
        try:
            async with asyncio.timeout(PLAY_TIMEOUT):
                code = await process.wait()
        except TimeoutError:
            raise CommandError(f"{name} did not finish within {PLAY_TIMEOUT:g} s.") from None
        if code:
            raise CommandError(f"{name} exited with code {code}:\n{process.tail()}")
        result = json.loads(process.output.splitlines()[-1])
    query = f"TaskQueue = '{FOLDER}-{failure.name}-{version}'"
    return Played(
        version=version,
        expected=failure.expected[version],
        runs=await runs(await server.client(), query),
        address=server.address,
        **result,
    )


def difference(failure: Failure) -> list[str]:
    """Return the unified diff of the two workflows, with one line of context and no headers."""
    text = failure.file.read_text(encoding="utf-8")
    lines = text.splitlines()
    bodies = {
        node.name: lines[node.lineno : node.end_lineno]
        for node in ast.parse(text).body
        if isinstance(node, ast.ClassDef)
    }
    changed = difflib.unified_diff(bodies["Naive"], bodies["Durable"], lineterm="", n=1)
    return [line for line in changed if not line.startswith(("---", "+++", "@@"))]


def location(failure: Failure) -> str:
    """Return where the cure is defined, as `path:line`; raise CommandError if it is not there."""
    path, _, symbol = failure.cure_at.partition(": ")
    text = (failure.file.parents[2] / path).read_text(encoding="utf-8").splitlines()
    name = re.escape(symbol)
    for pattern in (rf"\s*(?:async )?(?:def|class) {name}\b", rf".*\b{name}\b"):
        for number, line in enumerate(text, start=1):
            if re.match(pattern, line):
                return f"{path}:{number}"
    raise CommandError(f"{failure.name}: {symbol!r} is not in {path}.")


def facts(failure: Failure, played: Sequence[Played] = ()) -> dict[str, object]:
    """Return a failure for JSON, with the result of each version that was played."""
    described = ("name", "group", "symptom", "cause", "cure", "test", "upstream")
    measured = ("outcome", "seconds", "model_calls", "as_described")
    return {
        **{name: getattr(failure, name) for name in described},
        "code": location(failure),
        **{each.version: {name: getattr(each, name) for name in measured} for each in played},
    }


def _failure(file: Path, groups: Sequence[str]) -> Failure:
    given = constants(file)
    text = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    paragraphs = {name: " ".join(body.split()) for name, body in PARAGRAPHS.findall(text)}
    missing = [name for name in ("Cause", "Cure") if name not in paragraphs]
    missing += [name for name in ("GROUP", "NAIVE", "DURABLE", "CURE", "TEST") if name not in given]
    if missing or given["GROUP"] not in groups:
        raise CommandError(
            f"{file.name}: missing {', '.join(missing) or f'a GROUP of {groups}'}.", 2
        )
    return Failure(
        name=file.stem,
        group=given["GROUP"],
        symptom=text.partition("\n")[0],
        cause=paragraphs["Cause"],
        cure=paragraphs["Cure"],
        expected={"naive": given["NAIVE"], "durable": given["DURABLE"]},
        cure_at=given["CURE"],
        test=given["TEST"],
        upstream=given.get("UPSTREAM", ""),
        server_options=given.get("SERVER_OPTIONS", ()),
        file=file,
    )
