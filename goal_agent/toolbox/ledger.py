"""The local ledger: invoices in a SQLite file, one for each idempotency key."""

import asyncio
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from decimal import Decimal
from pathlib import Path

DEFAULT = Path(__file__).parent.parent / "data" / "ledger.db"
PATIENCE = 20  # seconds for a lock

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

    The unique key decides, not a look before the write: two attempts at once make one row.

    Raises:
        sqlite3.Error: The file cannot be read or written.
    """
    row = (key, email, str(amount), description)  # text: SQLite knows no decimals
    return await asyncio.to_thread(_create, row)


def _create(row: tuple[str, str, str, str]) -> str:
    with _open() as ledger, ledger:
        ledger.execute(ADD, row)
        [number] = ledger.execute(FIND, row[:1]).fetchone()
    return f"R-{number:04}"


@contextmanager
def _open() -> Iterator[sqlite3.Connection]:
    """Open the file that `LEDGER` names, or the default."""
    path = Path(os.environ.get("LEDGER") or DEFAULT)
    with closing(sqlite3.connect(path, timeout=PATIENCE)) as ledger:
        ledger.execute(TABLE)
        yield ledger
