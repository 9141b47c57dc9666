"""Discovers topics and samples from their files, without importing them."""

import ast
import contextlib
import difflib
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sample_cli.processes import CommandError

ROOT = Path(__file__).resolve().parents[1]

GROUPS = (
    "Start here",
    "Patterns",
    "Integrations",
    "Long-lived agents",
    "Operations",
    "Applications",
)
STARTER_NAMES = re.compile(
    r"run_(?P<name>\w+)_(?:workflow|client)\.py|run_(?P<api>(?:\w+_)?api)\.py"
)


@dataclass(frozen=True)
class Sample:
    """One sample, such as `basic/hello_world`, and its files.

    Attributes:
        workflow: The file with the workflow; None if the starter uses another sample's workflow.
        root: The repository.
    """

    topic: str
    name: str
    task_queue: str
    worker: Path
    starter: Path
    workflow: Path | None
    root: Path

    @property
    def id(self) -> str:
        """The sample's name on the command line."""
        return f"{self.topic}/{self.name}"

    @property
    def summary(self) -> str:
        """Line 1 of the docstring of the workflow, or of the starter if it has no workflow."""
        return _first_line(self.workflow or self.starter) or _first_line(self.starter)

    @property
    def is_service(self) -> bool:
        """Whether the starter serves HTTP until it is stopped: `run_api.py`, `run_NAME_api.py`."""
        match = STARTER_NAMES.fullmatch(self.starter.name)
        return bool(match and match["api"])

    @property
    def history(self) -> Path:
        """The recorded history that the replay test reads."""
        return self.root / "tests" / "histories" / self.topic / f"{self.name}.json"

    @property
    def workflow_types(self) -> list[str]:
        """The sample's workflow types, as registered with the server."""
        return list(_workflow_types(_parse(self.workflow))) if self.workflow else []


@dataclass(frozen=True)
class Topic:
    """A folder of samples that share a worker, and the constants in its `__init__.py`."""

    name: str
    summary: str
    group: str
    order: int
    samples: list[Sample]
    search_attribute: str


class UnknownSample(CommandError):
    """No sample has the name; the message suggests similar ones."""


def topics(root: Path = ROOT) -> list[Topic]:
    """Return all topics by group and order; raise CommandError if either is invalid."""
    found = [_topic(worker) for worker in root.glob("*/run_worker.py")]
    return sorted(found, key=lambda topic: (GROUPS.index(topic.group), topic.order, topic.name))


def samples(root: Path = ROOT) -> list[Sample]:
    """Return all samples, in the order of their topics."""
    return [sample for topic in topics(root) for sample in topic.samples]


def find(name: str, root: Path = ROOT) -> Sample:
    """Return the sample with a name: its id, its name alone, or the path of a script or workflow.

    Hyphens, upper case, and a trailing `.py` are accepted. Raises UnknownSample.
    """
    known = {sample.id: sample for sample in samples(root)}
    wanted = _normalize(name)
    if wanted in known:
        return known[wanted]
    by_name = [sample.id for sample in known.values() if sample.name == wanted]
    if len(by_name) == 1:
        return known[by_name[0]]
    hint = did_you_mean(by_name or near_matches(wanted, known))
    raise UnknownSample(f"There is no sample {name!r}.{hint} `sample list` shows all samples.", 2)


def near_matches(wanted: str, known: Collection[str]) -> list[str]:
    """Return the known names that look like the one wanted, or else those that contain it."""
    similar = [name for name in known if wanted and wanted.rpartition("/")[2] in name]
    return difflib.get_close_matches(wanted, known, 3, 0.5) or similar


def did_you_mean(names: Sequence[str]) -> str:
    """Return a question with a space before it; an empty string if there are no names."""
    return f" Did you mean {' or '.join(names)}?" if names else ""


def search_attributes(root: Path = ROOT) -> list[str]:
    """Return the search attributes of all topics, as `temporal server start-dev` takes them."""
    return [topic.search_attribute for topic in topics(root) if topic.search_attribute]


def _topic(worker: Path) -> Topic:
    folder = worker.parent
    module = folder / "__init__.py"
    facts = constants(module)
    group, order = facts.get("GROUP"), facts.get("ORDER")
    if group not in GROUPS or not isinstance(order, int):
        problem = f"{folder.name}/{module.name}: GROUP is {group!r} and ORDER is {order!r}."
        rule = f"GROUP must be one of {', '.join(GROUPS)}; ORDER must be an integer."
        raise CommandError(f"{problem} {rule}", 2)
    return Topic(
        name=folder.name,
        summary=_first_line(module),
        group=str(group),
        order=order,
        samples=_samples(worker, str(facts.get("TASK_QUEUE", ""))),
        search_attribute=str(facts.get("SEARCH_ATTRIBUTE", "")),
    )


def _samples(worker: Path, task_queue: str) -> list[Sample]:
    folder, found = worker.parent, {}
    for starter in folder.glob("run_*.py"):
        if match := STARTER_NAMES.fullmatch(starter.name):
            name = match["name"] or match["api"]
            workflow = folder / "workflows" / f"{name}.py"
            found[name] = Sample(
                topic=folder.name,
                name=name,
                task_queue=task_queue,
                worker=worker,
                starter=starter,
                workflow=workflow if workflow.exists() else None,
                root=folder.parent,
            )
    return [found[name] for name in sorted(found)]


def _normalize(name: str) -> str:
    """Turn `./basic/run_hello-world_workflow.py` into `basic/hello_world`."""
    parts = name.replace("\\", "/").replace("-", "_").strip("/").removesuffix(".py").split("/")
    parts = [part for part in parts if part not in {"", ".", "workflows"}]
    if not parts:
        return ""
    match = STARTER_NAMES.fullmatch(f"{parts[-1]}.py")
    last = (match["name"] or match["api"]) if match else parts[-1]
    return "/".join([*parts[-2:-1], last]).lower()


def _parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8") if path.exists() else "")


def _first_line(path: Path) -> str:
    """Return line 1 of a module's docstring, or an empty string."""
    return (ast.get_docstring(_parse(path)) or "").partition("\n")[0].strip()


def constants(path: Path) -> dict[str, Any]:
    """Return a module's constants whose values are literals, by name, without importing it."""
    found: dict[str, Any] = {}
    for node in _parse(path).body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value:
            with contextlib.suppress(TypeError, ValueError):  # not a literal
                value = ast.literal_eval(node.value)
                for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                    found[ast.unparse(target)] = value
    return found


def _workflow_types(module: ast.Module) -> Iterator[str]:
    """Yield the names that `@workflow.defn` gives the classes of a module."""
    classes = [node for node in module.body if isinstance(node, ast.ClassDef)]
    for defined, decorator in [(c, each) for c in classes for each in c.decorator_list]:
        call = decorator if isinstance(decorator, ast.Call) else None
        if ast.unparse(call.func if call else decorator) in {"workflow.defn", "defn"}:
            keywords = {keyword.arg: keyword.value for keyword in call.keywords} if call else {}
            name = keywords.get("name")
            yield str(name.value) if isinstance(name, ast.Constant) else defined.name
