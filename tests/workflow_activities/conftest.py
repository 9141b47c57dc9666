"""The databases of this topic's tests: a SQLite file, and a real PostgreSQL server."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.workflow_activities.postgres import PostgreSQL
from workflow_activities import limits, storage


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgreSQL]:
    """A server that is up; a test that stops it starts it again."""
    with PostgreSQL() as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of an empty database, which workers find in their environment."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'conversations.db'}"
    else:
        url = request.getfixturevalue("postgres").new_database()
    monkeypatch.setenv("DATABASE_URL", url)
    return url


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What fails is tried again soon."""
    soon = timedelta(milliseconds=100)
    retries = replace(limits.RECORD_RETRIES, initial_interval=soon, backoff_coefficient=1)
    monkeypatch.setattr(limits, "RECORD_RETRIES", retries)
    monkeypatch.setattr(storage, "PATIENCE", 0.2)
