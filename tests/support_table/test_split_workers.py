"""Model calls can have their own task queue and worker, which is the only one with the key."""

from durable_agents import connect

from dataclasses import replace
from uuid import uuid4

import pytest
from agents.testing import ScriptedModel, assistant_message
from temporalio.worker import Worker

from basic.workflows.hello_world import HelloWorldAgent
from tests.harness.workers import FixedModelProvider, model_params

WORKFLOWS, MODEL_CALLS = "split-workflows", "split-model-calls"


async def test_only_the_worker_for_model_calls_needs_a_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    model = ScriptedModel([[assistant_message("Split in two.")]])
    params = replace(model_params(), task_queue=MODEL_CALLS)
    without_key = await connect(model_params=params, register_activities=False)
    # Both have the same settings, since the two workers share the one runner of this process.
    with_key = await connect(model_params=params, model_provider=FixedModelProvider(model))
    async with (
        Worker(without_key, task_queue=WORKFLOWS, workflows=[HelloWorldAgent]),
        Worker(with_key, task_queue=MODEL_CALLS),
    ):
        answer = await without_key.execute_workflow(
            HelloWorldAgent.run, "Tasks", id=f"split-{uuid4().hex[:8]}", task_queue=WORKFLOWS
        )
    assert answer == "Split in two."
    model.assert_complete()
