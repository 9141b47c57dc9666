"""`DATABASE_URL`: common forms are accepted; errors do not show the password."""

from durable_agents.database import Database, parse_url

import pytest
import typer
from sqlalchemy import MetaData

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
        Database(url, MetaData())
    assert reason in failure.value.message
    assert SECRET not in failure.value.message
