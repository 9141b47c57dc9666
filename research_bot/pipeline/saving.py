"""Saves a report to a new file; never overwrites one."""

import re
from pathlib import Path

import typer

MAX_NAME_LENGTH = 40  # characters of up to four bytes; file systems allow 255 bytes


def check_output(output: Path) -> None:
    """Create the report's folder; call it before the run, which costs money.

    Raises:
        typer.BadParameter: The folder cannot be created.
    """
    try:
        _folder(output).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise typer.BadParameter(f"--output {output}: {error.strerror}") from error


def save(report: str, output: Path, query: str, workflow_id: str) -> Path:
    """Write the report and return its path. If the file exists, append a number to its name.

    Args:
        report: The report.
        output: A file, if it ends in `.md`; otherwise a folder.
        query: The question. In a folder, the file is named after it and the run.
        workflow_id: The run's workflow id.
    """
    words = re.sub(r"\W+", "-", query.lower())[:MAX_NAME_LENGTH].strip("-")
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
