"""Describes what the Temporal server stores of a workflow: its history, without decryption."""

from durable_agents.encryption import ENCODING, KEY_ID, payloads_in

from collections.abc import Iterator

from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHistory

MAX_EXCERPT_LENGTH = 60  # characters


def describe_stored(history: WorkflowHistory) -> Iterator[str]:
    """Yield a line for each event that carries payloads: its type, and the start of the first."""
    for event in history.events:
        name = EventType.Name(event.event_type).removeprefix("EVENT_TYPE_").lower()
        if payload := next(payloads_in(event), None):
            yield f"{name:29} {_excerpt(payload)}"


def _excerpt(payload: Payload) -> str:
    if payload.metadata.get("encoding") == ENCODING:
        return f"encrypted with the key {payload.metadata[KEY_ID].decode()!r}"
    text = payload.data.decode(errors="replace")
    return text if len(text) <= MAX_EXCERPT_LENGTH else f"{text[:MAX_EXCERPT_LENGTH]}…"
