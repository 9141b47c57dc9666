"""Databases for the tests, in SQLite or PostgreSQL, the provider's ledger, and a local Stripe."""

from durable_agents.database import Database

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from side_effects import stripe_payments
from side_effects.claims import SCHEMA, Claims
from tests.side_effects.fake_stripe import KEY, FakeStripe, fake_stripe


@pytest.fixture(autouse=True)
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The provider's ledger, and a database of claims, both empty."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'claims.db'}")
    monkeypatch.setenv("PROVIDER_LEDGER", str(tmp_path / "provider.db"))
    return tmp_path / "provider.db"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def claims(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Claims]:
    """Claims in an empty database."""
    url = f"sqlite:///{tmp_path / 'claims.db'}"
    if request.param == "postgres":
        url = request.getfixturevalue("postgres").new_database()
    database = Database(url, SCHEMA)
    async with database.open():
        yield Claims(database)


@pytest.fixture
def stripe(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeStripe]:
    """A local Stripe that `StripePayments` calls, with a timeout of a second."""
    with fake_stripe() as fake:
        monkeypatch.setenv("STRIPE_API_KEY", KEY)
        monkeypatch.setenv("STRIPE_API_BASE", fake.url)
        monkeypatch.setattr(stripe_payments, "REQUEST_TIMEOUT", 1)
        yield fake
