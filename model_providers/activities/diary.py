"""Search a diary on the worker's machine."""

from pathlib import Path

from temporalio import activity

DIARY = Path(__file__).parent.parent / "data" / "diary.txt"


@activity.defn
def search_diary(word: str) -> str:
    """Find the lines of the diary that contain a word.

    Args:
        word: One word to look for, such as "dentist".
    """
    lines = DIARY.read_text(encoding="utf-8").splitlines()
    found = [line for line in lines if word.strip().casefold() in line.casefold()]
    return "\n".join(found) or f"Nothing in the diary contains {word!r}."
