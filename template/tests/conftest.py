"""A Temporal dev server for the session, and the agent's worker on a scripted model."""

from durable_agents import connect

import os
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta

import pytest
from agents import Model, set_trace_processors
from agents.testing import ScriptedModel
from temporalio.client import Client
from temporalio.common import RetryPolicy
from temporalio.openai_agents import ModelActivityParameters
from temporalio.openai_agents.testing import TestModelProvider
from temporalio.testing import WorkflowEnvironment

from my_agent.run_worker import build_worker

set_trace_processors([])  # the default one exports traces to OpenAI

Serving = Callable[[Model], AbstractAsyncContextManager[Client]]


@pytest.fixture(scope="session")
async def server() -> AsyncIterator[None]:
    """Run a dev server; `connect()` finds it through the environment."""
    path = shutil.which("temporal")
    async with await WorkflowEnvironment.start_local(dev_server_existing_path=path) as started:
        os.environ["TEMPORAL_ADDRESS"] = started.client.service_client.config.target_host
        yield


@pytest.fixture
def serving(server: None) -> Serving:
    """Return a function that runs the worker with a model, whose calls are not retried."""

    @asynccontextmanager
    async def serve(model: Model) -> AsyncIterator[Client]:
        client = await connect(
            model_provider=TestModelProvider(model),
            model_params=ModelActivityParameters(
                start_to_close_timeout=timedelta(seconds=10),
                retry_policy=RetryPolicy(maximum_attempts=1),
            ),
        )
        async with build_worker(client):
            yield client
        if isinstance(model, ScriptedModel):
            model.assert_complete()

    return serve
