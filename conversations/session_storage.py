"""The table of conversations, in SQLite or PostgreSQL: `DATABASE_URL` selects the database."""

from pathlib import Path

from sqlalchemy import Column, Integer, MetaData, String, Table, Text

DEFAULT_URL = f"sqlite:///{Path(__file__).parent / 'sessions.db'}"

SCHEMA = MetaData()

# The position is part of the key, so a retried write finds its rows instead of adding them again.
ITEMS = Table(
    "session_items",
    SCHEMA,
    Column("session_id", String, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("item", Text, nullable=False),
)
