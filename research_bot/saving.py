"""Saves a report: in a file of its own, over no other."""

import re
from pathlib import Path

import typer

# Of a file's name, in characters; file systems allow 255 bytes, and a character may take four.
LONGEST_NAME = 40


def check_output(output: Path) -> None:
    """Make the folder for the report, before a run costs anything.

    Raises:
        typer.BadParameter: It cannot be made.
    """
    try:
        _folder(output).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise typer.BadParameter(f"--output {output}: {error.strerror}") from error


def save(report: str, output: Path, query: str, workflow_id: str) -> Path:
    """Write the report and return its path.

    Args:
        report: The report.
        output: The file, if it ends in `.md`, or else the folder.
        query: What the report is about: in a folder the file is named after it, and the run.
        workflow_id: The run's id.
    """
    words = re.sub(r"\W+", "-", query.lower())[:LONGEST_NAME].strip("-")
    name = f"{words or 'report'}-{workflow_id.rpartition('-')[2]}.md"
    first = path = output if _is_file(output) else output / name
    number = 1
    while True:
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(report)
        except FileExistsError:
            number += 1
            path = first.with_stem(f"{first.stem}-{number}")
        else:
            return path


def _folder(output: Path) -> Path:
    return output.parent if _is_file(output) else output


def _is_file(output: Path) -> bool:
    return output.suffix == ".md"
