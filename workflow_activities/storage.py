"""The tables of this topic, in SQLite or PostgreSQL: `DATABASE_URL` selects the database."""

from pathlib import Path

from sqlalchemy import Column, Integer, MetaData, String, Table, Text

DEFAULT_URL = f"sqlite:///{Path(__file__).parent / 'conversations.db'}"

SCHEMA = MetaData()

# The primary keys make writes idempotent: a retried activity finds its row.
TURNS = Table(
    "turns",
    SCHEMA,
    Column("workflow_id", String, primary_key=True),
    Column("turn", Integer, primary_key=True),
    Column("task_id", String, nullable=False, index=True),
    Column("message", Text, nullable=False),
    Column("reply", Text),
    Column("error", Text),
)
BATCHES = Table(
    "batches",
    SCHEMA,
    Column("workflow_id", String, primary_key=True),
    Column("batch_number", Integer, primary_key=True),
    Column("task_id", String, nullable=False, index=True),
    Column("first_turn", Integer, nullable=False),
    Column("last_turn", Integer, nullable=False),
    Column("words", Integer, nullable=False),
)
