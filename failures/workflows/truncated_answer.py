"""A truncated answer is paid for again and again: "incomplete", max_output_tokens.

Cause: The Agents SDK raises ModelBehaviorError on the worker if an answer's status is "incomplete":
it reached `max_output_tokens`, or the content filter stopped it. The plugin marks only some HTTP
statuses non-retryable, so Temporal retries this error, without a limit. Each attempt is billed, and
truncated again.

Cure: `connect()` makes a truncated answer a non-retryable error that names the reason, and limits
every model call to 12 attempts. The workflow's code stays the same.
"""

from agents import Agent, Runner
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from failures.stage import Stage

GROUP = "Money"
FAULT = "incomplete_max_output_tokens"
QUESTION = "Summarize War and Peace."
NAIVE = r"[234] model calls paid: still running .*, ModelBehaviorError: .*max_output_tokens.*"
DURABLE = r"1 model call paid: failed: ModelBehaviorError: .*max_output_tokens.*"
CURE = "durable_agents/model_errors.py: sort_model_error"
TEST = "tests/durable_agents/test_model_errors.py"


@workflow.defn
class Naive:
    @workflow.run
    async def run(self, question: str) -> str:
        agent = Agent("Librarian", instructions="Summarize books.")
        result = await Runner.run(agent, question)
        return result.final_output_as(str)


@workflow.defn
class Durable:
    @workflow.run
    async def run(self, question: str) -> str:
        agent = Agent("Librarian", instructions="Summarize books.")
        result = await Runner.run(agent, question)
        return result.final_output_as(str)


async def play(stage: Stage, _failure: object) -> str:
    """Count the model calls within 6 seconds: an attempt starts after 0, 1, 3, 7, 15 … s."""
    stage.model.faults.always(FAULT)
    async with stage.worker():
        outcome = await stage.outcome(await stage.start(QUESTION))
        paid = len(stage.model.calls)
    return f"{paid} model call{'s' * (paid != 1)} paid: {outcome}"
