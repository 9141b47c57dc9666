"""`DATABASE_URL`: common forms are accepted; errors do not show the password."""

from pathlib import Path

import pytest
import typer

from sample_cli.catalog import ROOT
from tests.harness.processes import ForkedScript
from workflow_activities.storage import Database, parse_url

SECRET = "hunter2"
WRONG = {
    "nonsense": "is not a database URL",
    f"mysql://u:{SECRET}@h/d": "must start with postgresql:// or sqlite:///",
    f"postgresql://u:{SECRET}@h:port/d": "is not a database URL",
    f"postgresql://u:{SECRET}@h/d?colour=blue": "asyncpg does not support: colour",
}


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgres://u:p@h:1/d", "postgresql+asyncpg://u:p@h:1/d"),
        ("postgresql+psycopg://h/d?sslmode=require", "postgresql+asyncpg://h/d?ssl=require"),
        ("sqlite:///a/b.db", "sqlite+aiosqlite:///a/b.db"),
    ],
)
def test_common_url_forms_are_accepted(given: str, used: str) -> None:
    assert parse_url(given).render_as_string(hide_password=False) == used


@pytest.mark.parametrize(("url", "reason"), WRONG.items(), ids=range(len(WRONG)))
def test_invalid_url_is_rejected_without_showing_its_password(url: str, reason: str) -> None:
    with pytest.raises(typer.BadParameter) as failure:
        Database(url)
    assert reason in failure.value.message
    assert SECRET not in failure.value.message


async def test_worker_reports_an_invalid_url_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://h/d")
    monkeypatch.setenv("OPENAI_API_KEY", "unused")
    with ForkedScript(ROOT / "workflow_activities/run_worker.py", folder=tmp_path) as worker:
        ended = await worker.ended()
    assert (ended.code, ended.out) == (2, "")
    [line] = ended.err.splitlines()
    assert "DATABASE_URL" in line
