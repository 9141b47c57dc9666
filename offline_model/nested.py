"""Conversations that a handoff folded into one message (`nest_handoff_history`), unfolded again."""

import json
import re

from offline_model.json_text import Json

# The Agents SDK's markers, written out: importing it takes more than a second.
MARKERS = ("<CONVERSATION HISTORY>", "</CONVERSATION HISTORY>")
_RECORD = re.compile(r"^\d+\. (.*)$", re.MULTILINE)
_MESSAGE = re.compile(r"(\w+)(?: \([^)]*\))?: (.*)")


def unfold(items: list[Json]) -> list[Json]:
    """Return the items, with a folded conversation replaced by what was folded."""
    return [each for item in items for each in _unfolded(item)]


def _unfolded(item: Json) -> list[Json]:
    start, end = MARKERS
    content = item.get("content")
    if not isinstance(content, str) or start not in content or item.get("role") != "assistant":
        return [item]
    records = _RECORD.findall(content.partition(start)[2].rpartition(end)[0])
    return [each for record in records for each in _item(record)]


def _item(record: str) -> list[Json]:
    """Read one record: an item as JSON, or `role: text`."""
    if record.startswith("{"):
        item: Json = json.loads(record)
        return [item]
    message = _MESSAGE.fullmatch(record)
    return [{"role": message[1], "content": message[2]}] if message else []
