"""Invoices of these tests go to a ledger of their own."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the ledger's file."""
    for name in ("SHOW_CONFIRM", "STRIPE_API_KEY", "STRIPE_API_BASE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LEDGER", str(tmp_path / "ledger.db"))
    return tmp_path / "ledger.db"
