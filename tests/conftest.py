"""Fixtures of all tests: a Temporal server and an offline model, without the user's settings."""

import gc
import os
import signal
from collections.abc import AsyncIterator, Iterator

import pytest
from agents import set_trace_processors
from temporalio.testing import WorkflowEnvironment

from offline_model.faults import Faults
from offline_model.server import OfflineModel
from sample_cli.session import model_environment
from sample_cli.temporal_server import dev_server_options, temporal_cli
from tests.harness import adapters as adapters  # importing it installs a cache

SCRUBBED_ENV = (
    "TEMPORAL_",
    "OPENAI_",
    "DATABASE_",
    "NOTIFY_",
    "MCP_",
    "OTEL_",
    "STRIPE_",
    "SHOW_CONFIRM",
)
for name in list(os.environ):
    if name.startswith(SCRUBBED_ENV):
        del os.environ[name]

# Tests without a server do not wait for one.
os.environ["TEMPORAL_CONNECT_TIMEOUT"] = "0"

# A shell's background jobs ignore SIGINT, and so would the processes that the tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)

gc.freeze()  # garbage collection is faster if it skips what has been imported

set_trace_processors([])  # the default one would look for a key at exit, and print a warning


@pytest.fixture(scope="session", autouse=True)
async def temporal() -> AsyncIterator[WorkflowEnvironment]:
    """A dev server; `connect()` finds it through the environment."""
    server = await WorkflowEnvironment.start_local(
        dev_server_existing_path=temporal_cli(),
        dev_server_log_level="error",
        dev_server_extra_args=dev_server_options(),
    )
    async with server:
        os.environ["TEMPORAL_ADDRESS"] = server.client.service_client.config.target_host
        yield server
        del os.environ["TEMPORAL_ADDRESS"]


@pytest.fixture(scope="session", autouse=True)
def files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Files for the conversations and invoices that workers of this process store."""
    folder = tmp_path_factory.mktemp("stored")
    stored = {
        "DATABASE_URL": f"sqlite:///{folder / 'conversations.db'}",
        "LEDGER": str(folder / "ledger.db"),
    }
    os.environ.update(stored)
    yield
    for name in stored:
        del os.environ[name]


@pytest.fixture
def model(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[OfflineModel]:
    """An offline model that all clients use; an indirect parameter sets its faults."""
    with OfflineModel(faults=Faults(**getattr(request, "param", {}))) as model:
        for name, value in model_environment(model.base_url).items():
            monkeypatch.setenv(name, value)
        yield model
