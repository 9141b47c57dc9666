"""The server terminates a long agent run: "Workflow history size exceeds limit".

Cause: History records the input of each model call, which is the whole conversation so far. It
grows with the square of the number of calls: 100 tool results of 5 kB take 27 MB. At 50 MB, the
server terminates the workflow, and continuing as new between turns comes too late for one long
turn.
(To fail within seconds, this one reads pages of 200 kB, and the server's limit is 8 MB.)

Cure: `ModelInputPlugin` records a reference, and the model call fetches the conversation from its
workflow by query. The history grows in proportion to the tool results.
"""

from durable_agents.model_input import ModelInputPlugin

from datetime import timedelta
from typing import Any

from agents import Agent, Runner
from temporalio import activity, workflow
from temporalio.openai_agents.workflow import activity_as_tool

with workflow.unsafe.imports_passed_through():
    from failures.stage import Stage

GROUP = "Too large"
QUESTION = "Read 10 pages and tell me when you are done."
NAIVE = r"history of \d+\.\d MB after \d+ model calls: failed: TerminatedError: .*history size.*"
DURABLE = r"history of [12]\.\d MB after 11 model calls: completed: I read 10 pages\."
CURE = "durable_agents/model_input.py: ModelInputPlugin"
TEST = "tests/durable_agents/test_model_input.py"
UPSTREAM = "temporalio/sdk-python#1890"
SERVER_OPTIONS = ["--dynamic-config-value", "limit.historySize.error=8000000"]


@activity.defn
async def read_page(number: int) -> str:
    """Return the text of a page."""
    return f"Page {number}: " + "lorem ipsum " * 16_000


@workflow.defn
class Naive:
    @workflow.run
    async def run(self, question: str) -> str:
        tool = activity_as_tool(read_page, start_to_close_timeout=timedelta(seconds=10))
        agent = Agent("Reader", instructions="Read all the pages.", tools=[tool])
        result = await Runner.run(agent, question, max_turns=20)
        return result.final_output_as(str)


@workflow.defn
class Durable:
    @staticmethod
    def worker_options() -> dict[str, Any]:
        return {"plugins": [ModelInputPlugin()]}

    @workflow.run
    async def run(self, question: str) -> str:
        tool = activity_as_tool(read_page, start_to_close_timeout=timedelta(seconds=10))
        agent = Agent("Reader", instructions="Read all the pages.", tools=[tool])
        result = await Runner.run(agent, question, max_turns=20)
        return result.final_output_as(str)


async def play(stage: Stage, _failure: object) -> str:
    """Read the size of the history at the end of the run."""
    async with stage.worker():
        handle = await stage.start(QUESTION)
        outcome = await stage.outcome(handle)
    info = (await handle.describe()).raw_description.workflow_execution_info
    size, calls = info.history_size_bytes / 1e6, len(stage.model.calls)
    return f"history of {size:.1f} MB after {calls} model calls: {outcome}"
