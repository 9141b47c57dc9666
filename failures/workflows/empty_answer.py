"""The workflow completes with an empty answer.

Cause: A model may return nothing at all, or reasoning and no text. The Agents SDK treats that as
the final output, so the run completes with an empty string. There is no error and no retry, and the
user sees no answer.

Cure: `connect()` rejects an answer without content on the worker. The model call, and the run, fail
with ModelBehaviorError, which the caller sees. The workflow's code stays the same.
"""

from agents import Agent, Runner
from temporalio import workflow

GROUP = "Lost or repeated"
FAULT = "empty"
QUESTION = "Write a poem about Oslo."
NAIVE = r"completed: ''"
DURABLE = r"failed: ModelBehaviorError: The model's response was rejected: its answer is empty"
CURE = "durable_agents/responses.py: _has_content"
TEST = "tests/test_never_stuck.py"


@workflow.defn
class Naive:
    @workflow.run
    async def run(self, question: str) -> str:
        agent = Agent(name="Poet", instructions="Write short poems.")
        result = await Runner.run(agent, question)
        return result.final_output_as(str)


@workflow.defn
class Durable:
    @workflow.run
    async def run(self, question: str) -> str:
        agent = Agent(name="Poet", instructions="Write short poems.")
        result = await Runner.run(agent, question)
        return result.final_output_as(str)
