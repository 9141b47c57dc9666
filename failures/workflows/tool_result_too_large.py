"""A tool runs again and again because its result is too large (PayloadsTooLarge).

Cause: A result above 2 MiB exceeds what Temporal accepts. The worker reports the finished activity
as failed with PayloadsTooLarge, which is retryable: the tool runs again, with the same result, and
without a limit on attempts.

Cure: With `connect()`, the result raises TooLarge, which is not retried, and `activity_tool`
reports the size to the model: the tool was done, but its result cannot be shown. Better still,
return part of the data, or a reference to it.
"""

from durable_agents import activity_tool

from datetime import timedelta

from agents import Agent, Runner
from temporalio import activity, workflow
from temporalio.openai_agents.workflow import activity_as_tool

GROUP = "Too large"
QUESTION = "Read the log of the shop."
NAIVE = r"still running .*: read_log is in attempt \d+ of unlimited, PayloadsTooLarge: .*"
DURABLE = (
    r"completed: .* read_log was done, but its result cannot be shown: one message is 3,000,.*"
)
CURE = "durable_agents/payloads.py: StrictPayloadConverter"
TEST = "tests/durable_agents/test_sizes.py"


@activity.defn
async def read_log() -> str:
    """Read the log of the shop."""
    return "GET /cart 200\n" * 200_000


@workflow.defn
class Naive:
    @workflow.run
    async def run(self, question: str) -> str:
        agent = Agent(
            name="Operator",
            instructions="Answer questions about the shop.",
            tools=[activity_as_tool(read_log, start_to_close_timeout=timedelta(seconds=5))],
        )
        result = await Runner.run(agent, question)
        return result.final_output_as(str)


@workflow.defn
class Durable:
    @workflow.run
    async def run(self, question: str) -> str:
        agent = Agent(
            name="Operator",
            instructions="Answer questions about the shop.",
            tools=[activity_tool(read_log, start_to_close_timeout=timedelta(seconds=5))],
        )
        result = await Runner.run(agent, question)
        return result.final_output_as(str)
