"""The local ledger: invoices in a SQLite file, one for each idempotency key."""

import asyncio
import os
import sqlite3
from contextlib import closing
from decimal import Decimal

from goal_agent.toolbox.places import DATA

LOCK_TIMEOUT = 20  # seconds

TABLE = """
    CREATE TABLE IF NOT EXISTS invoices (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        key TEXT NOT NULL UNIQUE,
        email TEXT NOT NULL,
        amount TEXT NOT NULL,
        description TEXT NOT NULL
    )
"""
ADD = "INSERT OR IGNORE INTO invoices (key, email, amount, description) VALUES (?, ?, ?, ?)"
FIND = "SELECT number FROM invoices WHERE key = ?"


async def create(key: str, email: str, amount: Decimal, description: str) -> str:
    """Add an invoice, unless the key has one; return its number.

    The unique key decides, not a query before the write: two attempts at once make one row.

    Raises:
        sqlite3.Error: The file cannot be read or written.
    """
    row = (key, email, str(amount), description)  # as text: SQLite has no decimals
    return await asyncio.to_thread(_create, row)


def _create(row: tuple[str, str, str, str]) -> str:
    path = os.environ.get("LEDGER") or DATA / "ledger.db"
    with closing(sqlite3.connect(path, timeout=LOCK_TIMEOUT)) as ledger, ledger:
        ledger.execute(TABLE)
        ledger.execute(ADD, row)
        [number] = ledger.execute(FIND, row[:1]).fetchone()
    return f"R-{number:04}"
