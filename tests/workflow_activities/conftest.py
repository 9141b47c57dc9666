"""Databases for the tests: a SQLite file, and a PostgreSQL server."""

from durable_agents import database

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from workflow_activities import limits


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
    retries = limits.RECORDS["retry_policy"]
    assert retries
    retries = replace(retries, initial_interval=interval, backoff_coefficient=1)
    monkeypatch.setitem(limits.RECORDS, "retry_policy", retries)
    monkeypatch.setattr(database, "LOCK_TIMEOUT", 0.2)
