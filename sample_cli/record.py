"""`sample record`: saves a run's history for replay tests, without traces of this machine."""

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
from sample_cli.processes import CommandError

if TYPE_CHECKING:
    from temporalio.client import Client

Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None
Replacements = dict[re.Pattern[str], str]

IDENTITY = "sample"
OMITTED_FIELDS = frozenset({"binaryChecksum", "buildId", "workerVersion"})


def recorded(sample: Sample) -> list[Path]:
    """Return the recorded histories of a sample: one file for each run of the workflow."""
    later = sample.history.parent.glob(f"{sample.name}.[0-9]*.json")
    files = [sample.history, *sorted(later, key=lambda file: (len(file.name), file.name))]
    return [file for file in files if file.exists()]


def check_can_record(sample: Sample) -> None:
    """Raise CommandError if the sample has no workflow, or already has a recorded history."""
    if not sample.workflow:
        raise CommandError(f"{sample.id} has no workflow: record the sample that has it.", 2)
    if files := recorded(sample):
        names = ", ".join(file.relative_to(sample.root).as_posix() for file in files)
        raise CommandError(
            f"{names} exists and is not overwritten: runs that started with older code must "
            "still replay, so guard the change with workflow.patched(). Before the first release "
            "you may delete it and record again; give the reason in the commit.",
            2,
        )


async def save(sample: Sample, runs: Sequence[Run], client: "Client") -> list[Path]:
    """Write a scrubbed history for each run; return the files."""
    replacements = machine_replacements(sample.root)
    sample.history.parent.mkdir(parents=True, exist_ok=True)
    files = []
    for number, run in enumerate(runs, start=1):
        handle = client.get_workflow_handle(run.workflow_id, run_id=run.run_id)
        history = scrub((await handle.fetch_history()).to_json_dict(), replacements)
        file = sample.history.with_suffix(".json" if number == 1 else f".{number}.json")
        file.write_text(json.dumps(history, indent=2) + "\n", encoding="utf-8")
        files.append(file)
    return files


def machine_replacements(root: Path) -> Replacements:
    """Return patterns for this machine's identities, paths, and name, with their replacements."""
    host = re.escape(socket.gethostname())
    folders = {str(root): "/src", sys.prefix: "/python", sys.base_prefix: "/python"}
    folders[str(Path.home())] = "/home/user"
    longest_first = sorted(folders, key=len, reverse=True)
    return {
        re.compile(rf"\b\d+@{host}[\w.:-]*"): IDENTITY,
        **{re.compile(re.escape(folder)): folders[folder] for folder in longest_first},
        re.compile(rf"(?<![\w.-]){host}(?![\w-])"): "host",
    }


def scrub(value: Json, replacements: Replacements) -> Json:
    """Return a history, or a part of one, without identities, hosts, processes, and paths."""
    if isinstance(value, str):
        for pattern, replacement in replacements.items():
            value = pattern.sub(replacement, value)
    if isinstance(value, list):
        return [scrub(item, replacements) for item in value]
    if isinstance(value, dict):
        return {
            key: _scrub_field(key, item, value, replacements)
            for key, item in value.items()
            if key not in OMITTED_FIELDS
        }
    return value


def _scrub_field(key: str, value: Json, inside: dict[str, Json], places: Replacements) -> Json:
    if isinstance(value, str) and key.lower().endswith("identity"):
        return IDENTITY
    if isinstance(value, str) and key == "data" and "metadata" in inside:
        try:
            text = base64.b64decode(value).decode()
        except (binascii.Error, UnicodeDecodeError):
            return value  # a binary payload
        return base64.b64encode(str(scrub(text, places)).encode()).decode()
    return scrub(value, places)
