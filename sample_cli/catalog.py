"""Finds the samples, which register by existing, and reads their facts without importing them."""

import ast
import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

STARTER_NAMES = re.compile(r"run_(?P<name>\w+)_(?:workflow|client)\.py|run_(?P<api>api)\.py")


class UnknownSample(LookupError):
    """A name that is no sample's; the message says which names come near."""


@dataclass(frozen=True)
class Sample:
    """One sample and the files that belong to it.

    Attributes:
        topic: The folder, `basic`.
        name: `hello_world`.
        summary: Line 1 of the docstring of its workflow, or of its starter where it has none.
        task_queue: The queue that its worker serves.
        worker: The script that serves the topic's workflows.
        starter: The script that a person runs.
        workflow: The file with the workflow; None where the starter uses another sample's.
        root: The repository.
        worker_output_prefix: The start of the worker output that `sample run` shows, such as a tree
            of spans. Empty if it shows none.
    """

    topic: str
    name: str
    summary: str
    task_queue: str
    worker: Path
    starter: Path
    workflow: Path | None
    root: Path
    worker_output_prefix: str = ""

    @property
    def id(self) -> str:
        """What `sample run` calls it."""
        return f"{self.topic}/{self.name}"

    @property
    def readme(self) -> Path:
        """The README of its topic."""
        return self.root / self.topic / "README.md"

    @property
    def history(self) -> Path:
        """The recorded history that its replay test reads."""
        return self.root / "tests" / "histories" / self.topic / f"{self.name}.json"

    @property
    def test(self) -> Path:
        """The test of the sample."""
        return self.root / "tests" / self.topic / f"test_{self.name}.py"

    @property
    def serves(self) -> bool:
        """Whether the starter is a service, which runs until it is stopped."""
        return self.starter.name == "run_api.py"

    @property
    def workflow_types(self) -> list[str]:
        """The names under which the server knows the sample's workflows."""
        return workflow_types(self.workflow) if self.workflow else []


def samples(root: Path = ROOT) -> list[Sample]:
    """Return all samples, in the order of their ids."""
    return sorted(_find(root), key=lambda sample: sample.id)


def find(name: str, root: Path = ROOT) -> Sample:
    """Return the sample that a person means by `name`.

    Hyphens, a trailing `.py`, and the path of the starter or the workflow are understood.

    Raises:
        UnknownSample: There is none; the message holds near matches.
    """
    known = {sample.id: sample for sample in samples(root)}
    wanted = _normal(name)
    if wanted in known:
        return known[wanted]
    by_name = [sample for sample in known.values() if sample.name == wanted]
    if len(by_name) == 1:
        return by_name[0]
    near = [sample.id for sample in by_name] or difflib.get_close_matches(wanted, known, 3, 0.5)
    last = wanted.rpartition("/")[2]
    near = near or [key for key in known if last and last in key]
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    raise UnknownSample(f"There is no sample {name!r}.{hint} `sample list` shows them all.")


def topics(root: Path = ROOT) -> dict[str, list[Sample]]:
    """Return the samples of each topic."""
    found: dict[str, list[Sample]] = {}
    for sample in samples(root):
        found.setdefault(sample.topic, []).append(sample)
    return found


def first_line(path: Path) -> str:
    """Return line 1 of a module's docstring, or an empty string."""
    if not path.exists():
        return ""
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return docstring.partition("\n")[0].strip()


def workflow_types(path: Path) -> list[str]:
    """Return the names of the workflows that a module defines."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    return [name for node in classes if (name := _workflow_type(node))]


def search_attributes(root: Path = ROOT) -> list[str]:
    """Return the search attributes that topics use, as `temporal server start-dev` takes them."""
    topics = sorted(root.glob("*/run_worker.py"))
    named = [_constant(worker.parent / "__init__.py", "SEARCH_ATTRIBUTE") for worker in topics]
    return [attribute for attribute in named if attribute]


def _find(root: Path) -> Iterator[Sample]:
    for worker in root.glob("*/run_worker.py"):
        folder = worker.parent
        queue = _constant(folder / "__init__.py", "TASK_QUEUE")
        for starter in folder.glob("run_*.py"):
            match = STARTER_NAMES.fullmatch(starter.name)
            if not match:
                continue
            name = match["name"] or match["api"]
            workflow = folder / "workflows" / f"{name}.py"
            yield Sample(
                topic=folder.name,
                name=name,
                summary=first_line(workflow) or first_line(starter),
                task_queue=queue or _constant(worker, "TASK_QUEUE"),
                worker=worker,
                starter=starter,
                workflow=workflow if workflow.exists() else None,
                root=root,
                worker_output_prefix=_constant(folder / "__init__.py", "WORKER_OUTPUT_PREFIX"),
            )


def _normal(name: str) -> str:
    """Turn `./basic/run_hello-world_workflow.py` into `basic/hello_world`."""
    parts = name.replace("\\", "/").replace("-", "_").strip("/").removesuffix(".py").split("/")
    parts = [part for part in parts if part not in {"", ".", "workflows"}]
    if not parts:
        return ""
    match = STARTER_NAMES.fullmatch(f"{parts[-1]}.py")
    last = (match["name"] or match["api"]) if match else parts[-1]
    return "/".join([*parts[-2:-1], last]).lower()


def _constant(path: Path, name: str) -> str:
    """Return the text that a module assigns to `name`, or an empty string."""
    if not path.exists():
        return ""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        targets = [node.target] if isinstance(node, ast.AnnAssign) else targets
        named = any(isinstance(target, ast.Name) and target.id == name for target in targets)
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        if named and isinstance(value, ast.Constant) and isinstance(value.value, str):
            return value.value
    return ""


def _workflow_type(node: ast.ClassDef) -> str:
    """Return the name that `@workflow.defn` gives a class, or an empty string."""
    for decorator in node.decorator_list:
        call = decorator if isinstance(decorator, ast.Call) else None
        if ast.unparse(call.func if call else decorator) not in {"workflow.defn", "defn"}:
            continue
        for keyword in call.keywords if call else []:
            if keyword.arg == "name" and isinstance(keyword.value, ast.Constant):
                return str(keyword.value.value)
        return node.name
    return ""
