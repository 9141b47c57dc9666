"""Fixtures: a ledger for each test, and the address of a running service."""

from durable_agents import connect

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from goal_agent.web.gateway import REQUEST_TIMEOUT
from offline_model.server import OfflineModel
from tests.goal_agent.web import Service, recording_gateway
from tests.harness.services import listening


@pytest.fixture(autouse=True)
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Use a ledger of its own for each test; return its file."""
    monkeypatch.setenv("LEDGER", str(tmp_path / "ledger.db"))
    return tmp_path / "ledger.db"


@pytest.fixture
async def address(model: OfflineModel, ledger: Path) -> AsyncIterator[str]:
    """Serve API and page; yield the address. The test runs the worker."""
    async with (
        recording_gateway(await connect(), REQUEST_TIMEOUT) as gateway,
        listening(Service(gateway).app) as address,
    ):
        yield address
