"""The workflow hangs after the model answers with `content: null` (TypeError: 'NoneType').

Cause: An OpenAI-compatible server may send a message without content. The API client does not
validate responses, so the Agents SDK reads the message in workflow code, where the TypeError fails
the workflow *task*: the server retries it forever, with the same answer from history.

Cure: `connect()` validates each answer on the worker, before workflow code reads it. An answer that
the Agents SDK cannot read fails the model call, and the run, with ModelBehaviorError. The
workflow's code stays the same.
"""

from agents import Agent, Runner
from temporalio import workflow

GROUP = "Hangs"
FAULT = "null_content"
QUESTION = "Write a poem about Oslo."
NAIVE = r"still running .*: its workflow task fails .* TypeError: 'NoneType' .* not iterable"
DURABLE = r"failed: ModelBehaviorError: The model's response was rejected: message.content: .*"
CURE = "durable_agents/responses.py: validate_response"
TEST = "tests/durable_agents/test_responses.py"


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
