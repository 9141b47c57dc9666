"""Helpers to run SessionWorkflow, and to read the table of sessions."""

from durable_agents.database import Database

import json
from uuid import uuid4

from pydantic import JsonValue
from sqlalchemy import select
from temporalio.client import Client

from conversations import TASK_QUEUE
from conversations.session_report import Handle
from conversations.session_storage import ITEMS, SCHEMA
from conversations.workflows.session import Place, SessionWorkflow


async def start(client: Client, questions: list[str], place: Place, id: str = "") -> Handle:
    return await client.start_workflow(
        SessionWorkflow.run,
        args=[questions, place],
        id=id or f"test-{uuid4()}",
        task_queue=TASK_QUEUE,
    )


async def stored(url: str, session_id: str) -> list[dict[str, JsonValue]]:
    """Return the stored items of a session, in order."""
    database = Database(url, SCHEMA)
    ours = ITEMS.c.session_id == session_id
    async with database.open(), database.transaction() as connection:
        found = await connection.execute(select(ITEMS.c.item).where(ours).order_by("position"))
        return [json.loads(text) for text in found.scalars()]


def texts(items: list[dict[str, JsonValue]]) -> list[str]:
    """Return the texts of stored messages."""
    found = []
    for item in items:
        content = item["content"]
        parts = content if isinstance(content, list) else [{"text": content}]
        found += [str(part["text"]) for part in parts if isinstance(part, dict)]
    return found
