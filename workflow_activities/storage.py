"""The database: SQLite in a file, or PostgreSQL, by `DATABASE_URL`. Writes that may be repeated."""

import asyncio
import inspect
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]
import typer
from sqlalchemy import Column, Integer, MetaData, String, Table, Text, and_, event, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

DEFAULT_URL = f"sqlite:///{Path(__file__).parent / 'conversations.db'}"
PATIENCE = 5  # seconds that a connection, a lock, or a statement is waited for
LONGEST = 8  # seconds that a transaction takes, all waiting included; an attempt has 10

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


class AlreadyTaken(Exception):
    """A row with this key is there, and says something else."""


class Database:
    """A worker's connections to the database. Nothing is connected before the first use.

    Args:
        url: As in `DATABASE_URL`.

    Raises:
        typer.BadParameter: The URL is not one of a database that is known here.
    """

    def __init__(self, url: str) -> None:
        self._engine = _engine(parsed(url))
        self._has_schema = False
        self._making_schema = asyncio.Lock()

    @classmethod
    def from_environment(cls) -> "Database":
        """Return the database at `DATABASE_URL`, or the file in this folder."""
        return cls(os.environ.get("DATABASE_URL") or DEFAULT_URL)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Close all connections when the block ends."""
        try:
            yield
        finally:
            await self._engine.dispose()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """Yield a connection whose changes are committed when the block ends well.

        The first one makes the tables, where there are none. Here and not when the worker starts,
        so that a database that is down then stops nothing. Two workers that make them at the same
        time may meet: the attempt of one fails, and its next finds them.
        """
        async with asyncio.timeout(LONGEST):
            async with self._making_schema:
                if not self._has_schema:
                    async with self._engine.begin() as connection:
                        await connection.run_sync(SCHEMA.create_all)
                    self._has_schema = True
            async with self._engine.begin() as connection:
                yield connection

    async def insert_once(self, table: Table, row: Mapping[str, object]) -> None:
        """Insert a row, or find that the very same one is there.

        Raises:
            AlreadyTaken: Another row has its key.
        """
        insert = postgresql.insert if self._engine.name == "postgresql" else sqlite.insert
        key = and_(*(column == row[column.name] for column in table.primary_key))
        async with self.transaction() as connection:
            await connection.execute(insert(table).values(row).on_conflict_do_nothing())
            stored = (await connection.execute(select(table).where(key))).mappings().one()
        if dict(stored) != row:
            raise AlreadyTaken


def parsed(url: str) -> URL:
    """Return a database URL as the async drivers want it.

    `postgres://`, `postgresql://` and `sqlite:///` are understood, with or without a driver, and
    `sslmode`, which most providers put into theirs.

    Raises:
        typer.BadParameter: It is none of these. The message does not repeat it: it may hold a
            password.
    """
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        raise _wrong("is not the URL of a database") from None
    backend = address.drivername.partition("+")[0]
    if backend == "sqlite":
        return address.set(drivername="sqlite+aiosqlite")
    if backend not in ("postgres", "postgresql"):
        raise _wrong("begins with neither postgresql:// nor sqlite:///")
    query = {"ssl" if name == "sslmode" else name: value for name, value in address.query.items()}
    if unknown := query.keys() - inspect.signature(asyncpg.connect).parameters.keys():
        raise _wrong(f"has parameters that asyncpg does not know: {', '.join(sorted(unknown))}")
    return address.set(drivername="postgresql+asyncpg", query=query)


def _wrong(reason: str) -> typer.BadParameter:
    return typer.BadParameter(reason, param_hint="DATABASE_URL")


def _engine(url: URL) -> AsyncEngine:
    if url.get_backend_name() == "postgresql":
        patience = {"timeout": PATIENCE, "command_timeout": PATIENCE}
        # A connection from before a restart of the server is replaced, not used.
        return create_async_engine(
            url, hide_parameters=True, pool_pre_ping=True, connect_args=patience
        )
    # One writer at a time is all that SQLite has: within this worker they queue for a connection,
    # and among workers for the file.
    engine = create_async_engine(
        url,
        hide_parameters=True,
        pool_size=1,
        max_overflow=0,
        pool_timeout=PATIENCE,
        connect_args={"timeout": PATIENCE},
    )
    event.listen(engine.sync_engine, "connect", _write_ahead)
    return engine


def _write_ahead(connection: sqlite.aiosqlite.AsyncAdapt_aiosqlite_connection, _: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")  # whoever reads the file does not stop the writer
    cursor.close()
