"""Databases for the tests: a ledger in SQLite or PostgreSQL."""

from durable_agents.database import Database

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from budgets.ledger import SCHEMA, Ledger

EACH_DATABASE = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(autouse=True)
def database_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of an empty database, which workers use."""
    url = f"sqlite:///{tmp_path / 'budgets.db'}"
    monkeypatch.setenv("DATABASE_URL", url)
    return url


@pytest.fixture(params=EACH_DATABASE)
def each_database_url(
    request: pytest.FixtureRequest, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> str:
    """The URL of an empty database of each kind, which workers use."""
    if request.param == "postgres":
        database_url = request.getfixturevalue("postgres").new_database()
        monkeypatch.setenv("DATABASE_URL", database_url)
    return database_url


@pytest.fixture
async def ledgers(each_database_url: str) -> AsyncIterator[list[Ledger]]:
    """Two ledgers with connections of their own to one database, like those of two workers."""
    first, second = (Database(each_database_url, SCHEMA) for _ in range(2))
    async with first.open(), second.open():
        async with first.transaction():
            pass  # creates the tables
        yield [Ledger(first), Ledger(second)]
