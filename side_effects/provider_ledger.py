"""The ledger of the local provider: a SQLite file, which several provider processes may share."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

LOCK_TIMEOUT = 20  # seconds
DEFAULT_LEDGER = Path(__file__).parent / "provider.db"


@contextmanager
def open_ledger(table: str) -> Iterator[sqlite3.Connection]:
    """Open the ledger, and create a table unless it exists; commit at the end of the block."""
    path = os.environ.get("PROVIDER_LEDGER") or DEFAULT_LEDGER
    with closing(sqlite3.connect(path, timeout=LOCK_TIMEOUT)) as ledger, ledger:
        ledger.execute(table)
        yield ledger
