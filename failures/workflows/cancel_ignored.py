"""A cancelled workflow is closed, but its tool keeps running.

Cause: A cancellation reaches an activity in the response to a heartbeat. `activity_as_tool` sets no
heartbeat timeout, and nothing heartbeats, so the tool continues after the workflow is cancelled.
(Server 1.32 can push cancellations to workers. That is off by default, and stays off here.)

Cure: `activity_tool` sets a heartbeat timeout, and `connect()` heartbeats automatically: a
cancellation reaches the tool within a second, as `asyncio.CancelledError`.
"""

from durable_agents import activity_tool

import asyncio
from datetime import timedelta

from agents import Agent, Runner
from temporalio import activity, workflow
from temporalio.openai_agents.workflow import activity_as_tool

with workflow.unsafe.imports_passed_through():
    from failures.stage import Stage

GROUP = "Stop"
QUESTION = "Send the newsletter to all subscribers."
NAIVE = r"workflow cancelled; mails sent in the next 2 s: [12]\d"
DURABLE = r"workflow cancelled; mails sent in the next 2 s: \d"
CURE = "durable_agents/tools.py: activity_tool"
TEST = "tests/durable_agents/test_stop.py"
SERVER_OPTIONS = ["--dynamic-config-value", "frontend.WorkerCommandsEnabled=false"]

MAILS: list[str] = []
STARTED = asyncio.Event()


@activity.defn
async def send_newsletter(subject: str) -> str:
    """Send a newsletter to all 1,000 subscribers."""
    STARTED.set()
    for number in range(1_000):
        MAILS.append(f"{subject}: subscriber {number}")
        await asyncio.sleep(0.1)
    return "Sent to all subscribers."


@workflow.defn
class Naive:
    @workflow.run
    async def run(self, request: str) -> str:
        timeout = timedelta(minutes=5)
        tool = activity_as_tool(send_newsletter, start_to_close_timeout=timeout)
        agent = Agent("Editor", instructions="Send newsletters.", tools=[tool])
        result = await Runner.run(agent, request)
        return result.final_output_as(str)


@workflow.defn
class Durable:
    @workflow.run
    async def run(self, request: str) -> str:
        timeout = timedelta(minutes=5)
        tool = activity_tool(send_newsletter, start_to_close_timeout=timeout)
        agent = Agent("Editor", instructions="Send newsletters.", tools=[tool])
        result = await Runner.run(agent, request)
        return result.final_output_as(str)


async def play(stage: Stage, _failure: object) -> str:
    """Cancel the workflow while its tool sends mails; count the mails that are sent afterwards."""
    async with stage.worker():
        handle = await stage.start(QUESTION)
        await asyncio.wait_for(STARTED.wait(), timeout=6)
        await handle.cancel()
        await stage.outcome(handle)
        status, sent = (await handle.describe()).status, len(MAILS)
        await asyncio.sleep(2)
        late = len(MAILS) - sent
    state = status.name.lower().replace("canceled", "cancelled") if status else "unknown"
    return f"workflow {state}; mails sent in the next 2 s: {late}"
