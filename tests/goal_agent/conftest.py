"""Invoices of these tests go to a ledger of their own; a page that browsers may visit."""

from durable_agents import connect

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from goal_agent.service.conversations import PATIENCE
from offline_model.server import OfflineModel
from tests.goal_agent.service import Service, listening, noted


@pytest.fixture(autouse=True)
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the ledger's file."""
    monkeypatch.setenv("LEDGER", str(tmp_path / "ledger.db"))
    return tmp_path / "ledger.db"


@pytest.fixture
async def address(model: OfflineModel, ledger: Path) -> AsyncIterator[str]:
    """Where the page is; the test has the worker."""
    async with (
        noted(await connect(), PATIENCE) as conversations,
        listening(Service(conversations).app) as address,
    ):
        yield address
