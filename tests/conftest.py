"""Fixtures of all tests: a Temporal server and an offline model, without the user's settings."""

import gc
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator

import pytest
from agents import set_trace_processors
from temporalio.testing import WorkflowEnvironment

from offline_model.faults import Faults
from offline_model.server import OfflineModel
from sample_cli.session import model_environment
from tests.harness import adapters as adapters  # importing it installs a cache
from tests.harness import certificates as certificates  # so does this one
from tests.harness import deadlocks as deadlocks  # this one lets workflow tasks take longer
from tests.harness import eviction as eviction  # and this one evicts open workflows
from tests.harness import validation as validation  # and this one installs a cache, too
from tests.harness.dev_server import dev_server
from tests.harness.postgres import PostgreSQL
from tests.harness.runs import terminate_left_open
from tests.harness.timeouts import limit_async_test

SCRUBBED_ENV = (
    "TEMPORAL_",
    "OPENAI_",
    "DATABASE_",
    "NOTIFY_",
    "MCP_",
    "OTEL_",
    "METRICS_ADDRESS",
    "PROBE_ADDRESS",
    "STRIPE_",
    "SHOW_CONFIRM",
    "ENCRYPTION_",
    "CODEC_",
)
EXHAUSTIVE = ("alone", "browser", "postgres", "prometheus")
EXHAUSTIVE_TIMEOUT = 600
"""Seconds. Like the default timeout, it only ends tests that hang: with 0.7 of the CPU time of two
cores, the slowest of four tests at once took 190."""

for name in list(os.environ):
    if name.startswith(SCRUBBED_ENV):
        del os.environ[name]

# Tests without a server do not wait for one.
os.environ["TEMPORAL_CONNECT_TIMEOUT"] = "0"

# A shell's background jobs ignore SIGINT, and so would the processes that the tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)

set_trace_processors([])  # the default one would look for a key at exit, and print a warning


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Limit async tests, run the longest first, and mark those in `EXHAUSTIVE` as exhaustive.

    The default run has no time for other programs.
    """
    # Started last, a long test would run for minutes after all others have ended.
    items.sort(key=lambda item: not item.get_closest_marker("long"))
    for item in items:
        if any(item.get_closest_marker(name) for name in EXHAUSTIVE):
            item.add_marker("exhaustive")
        if item.get_closest_marker("exhaustive") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(EXHAUSTIVE_TIMEOUT))
        if isinstance(item, pytest.Function):
            limit_async_test(item)


def pytest_collection_finish() -> None:
    """Exclude what has been imported from garbage collection, whose pauses would take a second."""
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
async def temporal() -> AsyncIterator[WorkflowEnvironment]:
    """A dev server; `connect()` finds it through the environment."""
    async with dev_server() as server:
        yield server


@pytest.fixture(autouse=True)
async def no_open_runs() -> AsyncIterator[None]:
    """Terminate the runs that the test leaves open."""
    yield
    await terminate_left_open()


@pytest.fixture(scope="session", autouse=True)
def files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Files for the conversations and invoices that workers of this process store."""
    folder = tmp_path_factory.mktemp("stored")
    stored = {
        "DATABASE_URL": f"sqlite:///{folder / 'conversations.db'}",
        "LEDGER": str(folder / "ledger.db"),
        "PROVIDER_LEDGER": str(folder / "provider.db"),
    }
    os.environ.update(stored)
    yield
    for name in stored:
        del os.environ[name]


@pytest.fixture(scope="session", autouse=True)
def local_mcp_servers() -> Iterator[None]:
    """End the MCP servers that workers of this process have started."""
    yield
    if module := sys.modules.get("mcp_servers.local_servers"):
        for server in module._servers.values():
            server.process.communicate()  # it exits when its standard input closes


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgreSQL]:
    """A PostgreSQL server; a test that stops it starts it again."""
    with PostgreSQL() as server:
        yield server


@pytest.fixture
def model(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[OfflineModel]:
    """An offline model that all clients use; an indirect parameter sets its faults."""
    with OfflineModel(faults=Faults(**getattr(request, "param", {}))) as model:
        for name, value in model_environment(model.base_url).items():
            monkeypatch.setenv(name, value)
        yield model
