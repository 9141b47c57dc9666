"""`DATABASE_URL`: accepted in its common forms, and refused without its password."""

from pathlib import Path

import pytest
import typer

from sample_cli.catalog import ROOT
from tests.harness.processes import ForkedScript
from workflow_activities.storage import Database, parsed

SECRET = "hunter2"
WRONG = {
    "nonsense": "is not the URL of a database",
    f"mysql://u:{SECRET}@h/d": "begins with neither postgresql:// nor sqlite:///",
    f"postgresql://u:{SECRET}@h:port/d": "is not the URL of a database",
    f"postgresql://u:{SECRET}@h/d?colour=blue": "asyncpg does not know: colour",
}


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgres://u:p@h:1/d", "postgresql+asyncpg://u:p@h:1/d"),
        ("postgresql+psycopg://h/d?sslmode=require", "postgresql+asyncpg://h/d?ssl=require"),
        ("sqlite:///a/b.db", "sqlite+aiosqlite:///a/b.db"),
    ],
)
def test_a_url_is_taken_as_people_write_it(given: str, used: str) -> None:
    assert parsed(given).render_as_string(hide_password=False) == used


@pytest.mark.parametrize(("url", "reason"), WRONG.items(), ids=range(len(WRONG)))
def test_a_wrong_url_is_refused_without_its_password(url: str, reason: str) -> None:
    with pytest.raises(typer.BadParameter) as failure:
        Database(url)
    assert reason in failure.value.message
    assert SECRET not in failure.value.message


async def test_a_worker_with_a_wrong_url_says_so_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://h/d")
    monkeypatch.setenv("OPENAI_API_KEY", "unused")
    with ForkedScript(ROOT / "workflow_activities/run_worker.py", folder=tmp_path) as worker:
        ended = await worker.ended()
    assert (ended.code, ended.out) == (2, "")
    [line] = ended.err.splitlines()
    assert "DATABASE_URL" in line
