"""A SQLite or PostgreSQL database for activities, whose writes are idempotent.

Only topics that keep data import this module: it needs SQLAlchemy and the drivers of both databases
(the dependency group `durable-agents`).
"""

import asyncio
import inspect
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Self

import asyncpg  # type: ignore[import-untyped]
import typer
from sqlalchemy import Insert, MetaData, Table, and_, event, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from temporalio.plugin import SimplePlugin

LOCK_TIMEOUT = 5  # seconds to wait for a connection, a lock, or a statement
TRANSACTION_TIMEOUT = 8  # seconds including all waits; give an activity attempt 10


class RowConflict(Exception):
    """A different row with the same key exists."""


class Database:
    """A worker's connections to the database, opened on first use.

    Args:
        url: A URL that `parse_url` accepts.
        schema: The tables.

    Raises:
        typer.BadParameter: The URL is invalid, or is not for SQLite or PostgreSQL.
    """

    def __init__(self, url: str, schema: MetaData) -> None:
        self._engine = _engine(parse_url(url))
        self._schema = schema
        self._has_schema = False
        self._creating_schema = asyncio.Lock()

    @classmethod
    def from_environment(cls, default_url: str, schema: MetaData) -> Self:
        """Return the database at `DATABASE_URL`, or at `default_url` if it is not set."""
        return cls(os.environ.get("DATABASE_URL") or default_url, schema)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Close all connections when the block ends."""
        try:
            yield
        finally:
            await self._engine.dispose()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """Yield a connection; commit its changes unless the block raises.

        The first transaction creates missing tables. The worker does not, so it starts while the
        database is down. If two workers create them at once, one attempt may fail and its retry
        succeeds.
        """
        async with asyncio.timeout(TRANSACTION_TIMEOUT):
            async with self._creating_schema:
                if not self._has_schema:
                    async with self._engine.begin() as connection:
                        await connection.run_sync(self._schema.create_all)
                    self._has_schema = True
            async with self._engine.begin() as connection:
                yield connection

    def insert_new(self, table: Table, row: Mapping[str, object]) -> Insert:
        """Return the statement that inserts a row unless its key exists."""
        insert = postgresql.insert if self._engine.name == "postgresql" else sqlite.insert
        return insert(table).values(row).on_conflict_do_nothing()

    async def insert_once(self, table: Table, *rows: Mapping[str, object]) -> None:
        """Insert all of the rows or none; those that exist already are not inserted again.

        Raises:
            RowConflict: A different row has the key of one of them.
        """
        async with self.transaction() as connection:
            for row in rows:
                key = and_(*(column == row[column.name] for column in table.primary_key))
                await connection.execute(self.insert_new(table, row))
                stored = (await connection.execute(select(table).where(key))).mappings().one()
                if dict(stored) != row:
                    raise RowConflict


class DatabasePlugin(SimplePlugin):
    """Closes a database after its worker: `Worker(plugins=[DatabasePlugin(database)])`."""

    def __init__(self, database: Database) -> None:
        super().__init__("durable-agents.database", run_context=database.open)


def parse_url(url: str) -> URL:
    """Return a database URL for the async drivers.

    Accepts `postgres://`, `postgresql://` and `sqlite:///`, with or without a driver, and the
    parameter `sslmode`, which many providers use.

    Raises:
        typer.BadParameter: Any other URL. The message omits the URL, which may hold a password.
    """
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        raise _invalid("is not a database URL") from None
    backend = address.drivername.partition("+")[0]
    if backend == "sqlite":
        return address.set(drivername="sqlite+aiosqlite")
    if backend not in ("postgres", "postgresql"):
        raise _invalid("must start with postgresql:// or sqlite:///")
    query = {"ssl" if name == "sslmode" else name: value for name, value in address.query.items()}
    if unknown := query.keys() - inspect.signature(asyncpg.connect).parameters.keys():
        raise _invalid(
            f"has parameters that asyncpg does not support: {', '.join(sorted(unknown))}"
        )
    return address.set(drivername="postgresql+asyncpg", query=query)


def _invalid(reason: str) -> typer.BadParameter:
    return typer.BadParameter(reason, param_hint="DATABASE_URL")


def _engine(url: URL) -> AsyncEngine:
    if url.get_backend_name() == "postgresql":
        timeouts = {"timeout": LOCK_TIMEOUT, "command_timeout": LOCK_TIMEOUT}
        # Connections from before a server restart are replaced.
        return create_async_engine(
            url, hide_parameters=True, pool_pre_ping=True, connect_args=timeouts
        )
    # SQLite allows one writer at a time: activities of this worker wait for the connection, and
    # workers wait for the file.
    engine = create_async_engine(
        url,
        hide_parameters=True,
        pool_size=1,
        max_overflow=0,
        pool_timeout=LOCK_TIMEOUT,
        connect_args={"timeout": LOCK_TIMEOUT},
    )
    event.listen(engine.sync_engine, "connect", _write_ahead)
    return engine


def _write_ahead(connection: sqlite.aiosqlite.AsyncAdapt_aiosqlite_connection, _: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")  # readers of the file do not block the writer
    cursor.close()
