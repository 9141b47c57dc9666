"""Rate limit errors (429) triple: every attempt sends three requests.

Cause: `AsyncOpenAI()` retries a throttled request twice by default. If you pass your own client to
`OpenAIProvider`, each attempt that Temporal makes sends three requests, and all of them count
against the rate limit. (The client of the plugin's default provider has `max_retries=0`.)

Cure: Give clients `max_retries=0`. Temporal retries the call, honors `Retry-After`, and shows the
attempts.
"""

from datetime import timedelta
from typing import Any

from agents import Agent, OpenAIProvider, Runner
from openai import AsyncOpenAI
from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.openai_agents import ModelActivityParameters

with workflow.unsafe.imports_passed_through():
    from failures.stage import Stage

GROUP = "Money"
QUESTION = "Write a haiku about rate limits."
NAIVE = r"9 requests in 3 attempts: failed: .*429.*"
DURABLE = r"3 requests in 3 attempts: failed: .*429.*"
CURE = "model_providers/providers.py: open_provider"
TEST = "tests/model_providers/test_litellm_auto.py"

ATTEMPTS = ModelActivityParameters(
    start_to_close_timeout=timedelta(seconds=30), retry_policy=RetryPolicy(maximum_attempts=3)
)


@workflow.defn
class Naive:
    @staticmethod
    def plugin_options() -> dict[str, Any]:
        client = AsyncOpenAI(timeout=20)
        return {"model_provider": OpenAIProvider(openai_client=client), "model_params": ATTEMPTS}

    @workflow.run
    async def run(self, question: str) -> str:
        result = await Runner.run(Agent("Poet", instructions="Write haikus."), question)
        return result.final_output_as(str)


@workflow.defn
class Durable:
    @staticmethod
    def plugin_options() -> dict[str, Any]:
        client = AsyncOpenAI(timeout=20, max_retries=0)
        return {"model_provider": OpenAIProvider(openai_client=client), "model_params": ATTEMPTS}

    @workflow.run
    async def run(self, question: str) -> str:
        result = await Runner.run(Agent("Poet", instructions="Write haikus."), question)
        return result.final_output_as(str)


async def play(stage: Stage, _failure: object) -> str:
    """Count the requests of a model call that is throttled for as long as it lasts."""
    stage.model.faults.always("429:0.1")
    async with stage.worker():
        handle = await stage.start(QUESTION)
        outcome = await stage.outcome(handle)
    attempts = [
        event.activity_task_started_event_attributes.attempt
        async for event in handle.fetch_history_events()
    ]
    return f"{len(stage.model.calls)} requests in {max(attempts)} attempts: {outcome}"
