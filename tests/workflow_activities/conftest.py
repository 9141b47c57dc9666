"""Databases for the tests: a SQLite file, and a PostgreSQL server."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.workflow_activities.postgres import PostgreSQL
from workflow_activities import limits, storage


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgreSQL]:
    """A running server; a test that stops it starts it again."""
    with PostgreSQL() as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of an empty database, also set as `DATABASE_URL`."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'conversations.db'}"
    else:
        url = request.getfixturevalue("postgres").new_database()
    monkeypatch.setenv("DATABASE_URL", url)
    return url


@pytest.fixture
def fast_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the waits between retries."""
    interval = timedelta(milliseconds=100)
    retries = replace(limits.RECORD_RETRIES, initial_interval=interval, backoff_coefficient=1)
    monkeypatch.setattr(limits, "RECORD_RETRIES", retries)
    monkeypatch.setattr(storage, "LOCK_TIMEOUT", 0.2)
