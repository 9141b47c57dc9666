"""A worker without a cache, for tests that end workflows from outside."""

from functools import partial

import pytest
from temporalio.worker import Worker

from sub_agents import run_worker


@pytest.fixture
def uncached(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the worker cache no workflow, so that it replays each one for every task.

    The server does not notify a worker of a workflow that it terminates. A cached one would stay
    until the worker is gone, and its coroutines would then warn that they are collected.
    """
    monkeypatch.setattr(run_worker, "Worker", partial(Worker, max_cached_workflows=0))
