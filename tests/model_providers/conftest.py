"""A worker environment with the offline model as every provider, and with a key."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from agents.testing import ScriptedModel
from temporalio.client import Client

from model_providers.providers import open_provider
from model_providers.run_worker import build_worker
from offline_model.server import OfflineModel
from tests.harness.workers import model_params, serving

KEY = "sk-never-in-history"


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> Iterator[OfflineModel]:
    """The offline model, configured both as OpenAI and as the local server."""
    with OfflineModel() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        monkeypatch.setenv("GPT_OSS_BASE_URL", server.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        monkeypatch.setenv("GPT_OSS_API_KEY", KEY)
        yield server


@asynccontextmanager
async def serving_real_providers(attempts: int = 3) -> AsyncIterator[Client]:
    """Run the worker with its real providers, and short retry intervals."""
    async with (
        open_provider() as provider,
        serving(
            build_worker,
            ScriptedModel(),
            model_provider=provider,
            model_params=model_params(attempts),
        ) as client,
    ):
        yield client
