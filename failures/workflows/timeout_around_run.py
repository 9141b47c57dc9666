"""`asyncio.timeout` around `Runner.run` raises ActivityError instead of TimeoutError.

Cause: At the timeout, asyncio cancels what the workflow awaits, and expects a `CancelledError`. A
cancelled model call raises `ActivityError` instead, with the cancellation as its cause. So
`except TimeoutError` does not apply, and the run fails.

Cure: Use `time_limit()`, which cancels in the same way and raises `TimeoutError` in every case.
"""

from durable_agents.deadlines import time_limit

import asyncio
from datetime import timedelta

from agents import Agent, Runner
from temporalio import workflow

GROUP = "Stop"
FAULT = "slow:8"
QUESTION = "What is the weather in Oslo?"
NAIVE = r"failed: CancelledError.*"
DURABLE = r"completed: No answer in time\."
CURE = "durable_agents/deadlines.py: time_limit"
TEST = "tests/durable_agents/test_deadlines.py"


@workflow.defn
class Naive:
    @workflow.run
    async def run(self, question: str) -> str:
        agent = Agent("Weather assistant", instructions="Answer questions about the weather.")
        try:
            async with asyncio.timeout(1):
                result = await Runner.run(agent, question)
        except TimeoutError:
            return "No answer in time."
        return result.final_output_as(str)


@workflow.defn
class Durable:
    @workflow.run
    async def run(self, question: str) -> str:
        agent = Agent("Weather assistant", instructions="Answer questions about the weather.")
        try:
            async with time_limit(timedelta(seconds=1)):
                result = await Runner.run(agent, question)
        except TimeoutError:
            return "No answer in time."
        return result.final_output_as(str)
