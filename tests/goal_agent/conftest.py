"""Fixtures: a ledger for each test, and the address of a running service."""

from durable_agents import connect

from collections.abc import AsyncIterator
from pathlib import Path
from queue import Queue

import pytest

from goal_agent.web.gateway import REQUEST_TIMEOUT
from offline_model.server import OfflineModel
from tests.goal_agent.terminal import Keyboard
from tests.goal_agent.web import Service, listening, recording_gateway


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


@pytest.fixture
def keyboard(monkeypatch: pytest.MonkeyPatch) -> Keyboard:
    """Lines for `input`."""
    lines: Keyboard = Queue()

    def read(question: str) -> str:
        line = lines.get()
        if line is None:
            raise EOFError
        return line

    # Not in `builtins`: the workflow sandbox keeps the `input` that it found there first.
    monkeypatch.setattr("goal_agent.terminal.input", read, raising=False)
    return lines
