"""What all tests share: one Temporal server, offline models, nothing of the user's environment."""

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
from tests.harness import adapters as adapters  # for what it does when it is imported

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

# Tests of a server that is not there need not wait for it.
os.environ["TEMPORAL_CONNECT_TIMEOUT"] = "0"

# What a shell starts in the background ignores SIGINT, and so would all that the tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)

gc.freeze()  # all that is imported stays: collecting garbage is quicker without a look at it

set_trace_processors([])  # the default one would look for a key at exit, and say so


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
    """Files for what workers of this process keep: conversations, and invoices."""
    folder = tmp_path_factory.mktemp("kept")
    kept = {
        "DATABASE_URL": f"sqlite:///{folder / 'conversations.db'}",
        "LEDGER": str(folder / "ledger.db"),
    }
    os.environ.update(kept)
    yield
    for name in kept:
        del os.environ[name]


@pytest.fixture
def model(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[OfflineModel]:
    """An offline model that all clients find; an indirect parameter says which faults it has."""
    with OfflineModel(faults=Faults(**getattr(request, "param", {}))) as model:
        for name, value in model_environment(model.base_url).items():
            monkeypatch.setenv(name, value)
        yield model
