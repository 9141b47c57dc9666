"""`sample record`: keeps a run's history for replay tests, without a trace of where it ran."""

import base64
import binascii
import json
import re
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sample_cli.catalog import Sample
from sample_cli.history_timeline import Run
from sample_cli.processes import Failed

if TYPE_CHECKING:
    from temporalio.client import Client

Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None

NOBODY = "sample"
LEFT_OUT = frozenset({"binaryChecksum", "buildId", "workerVersion"})


def recorded(sample: Sample) -> list[Path]:
    """Return the histories that a sample has: one for each run of the workflow."""
    files = [sample.history, *sorted(sample.history.parent.glob(f"{sample.name}.[0-9]*.json"))]
    return [file for file in files if file.exists()]


def refuse_recorded(sample: Sample) -> None:
    """Fail when the sample has a history: it guards the runs that began with older code.

    A sample without a workflow of its own has none to record, either.
    """
    if not sample.workflow:
        raise Failed(f"{sample.id} has no workflow of its own: record the sample that has it.", 2)
    if files := recorded(sample):
        names = ", ".join(file.relative_to(sample.root).as_posix() for file in files)
        raise Failed(
            f"{names} is there, and is never overwritten: runs that began with older code must "
            "still replay, so guard the change with workflow.patched(). Before a first release "
            "you may delete it and record again, with the reason in the commit.",
            2,
        )


async def save(sample: Sample, runs: Sequence[Run], client: "Client") -> list[Path]:
    """Write a scrubbed history for each run, and return the files."""
    places = machine(sample.root)
    sample.history.parent.mkdir(parents=True, exist_ok=True)
    files = []
    for number, run in enumerate(runs, start=1):
        handle = client.get_workflow_handle(run.workflow_id, run_id=run.run_id)
        history = scrubbed((await handle.fetch_history()).to_json_dict(), places)
        file = sample.history.with_suffix(".json" if number == 1 else f".{number}.json")
        file.write_text(json.dumps(history, indent=2) + "\n", encoding="utf-8")
        files.append(file)
    return files


def machine(root: Path) -> dict[re.Pattern[str], str]:
    """Return what gives this machine away, and what to write in its place."""
    host = re.escape(socket.gethostname())
    folders = {str(root): "/src", sys.prefix: "/python", sys.base_prefix: "/python"}
    folders[str(Path.home())] = "/home/user"
    longest_first = sorted(folders, key=len, reverse=True)
    return {
        re.compile(rf"\b\d+@{host}[\w.:-]*"): NOBODY,
        **{re.compile(re.escape(folder)): folders[folder] for folder in longest_first},
        re.compile(rf"(?<![\w.-]){host}(?![\w-])"): "host",
    }


def scrubbed(value: Json, places: dict[re.Pattern[str], str]) -> Json:
    """Return a history, or a part of one, without identities, hosts, processes and paths."""
    if isinstance(value, dict):
        kept = {key: item for key, item in value.items() if key not in LEFT_OUT}
        return {key: _field(key, item, kept, places) for key, item in kept.items()}
    if isinstance(value, list):
        return [scrubbed(item, places) for item in value]
    return _replaced(value, places) if isinstance(value, str) else value


def _field(
    key: str, value: Json, parent: dict[str, Json], places: dict[re.Pattern[str], str]
) -> Json:
    if key.lower().endswith("identity") and isinstance(value, str):
        return NOBODY
    if key == "data" and "metadata" in parent and isinstance(value, str):
        return _payload(value, places)
    return scrubbed(value, places)


def _payload(data: str, places: dict[re.Pattern[str], str]) -> str:
    """Scrub what a payload holds, if it is text."""
    try:
        text = base64.b64decode(data).decode()
    except (binascii.Error, UnicodeDecodeError):
        return data
    return base64.b64encode(_replaced(text, places).encode()).decode()


def _replaced(text: str, places: dict[re.Pattern[str], str]) -> str:
    for pattern, instead in places.items():
        text = pattern.sub(instead, text)
    return text
