"""After a worker crash, nothing happens for a minute: a lost model call is noticed late.

Cause: The server detects that a worker died during a model call only by a timeout. By default, the
plugin's model calls have a start-to-close timeout of 60 s and no heartbeat timeout, so the run
stalls until the 60 s are over. A longer timeout, as reasoning models need, makes it worse.

Cure: `connect()` sets a heartbeat timeout of 10 s: a lost call is rescheduled after 10 s, however
long a call may take. The model activity heartbeats automatically. The workflow's code stays the
same.
"""

import asyncio

from agents import Agent, Runner
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from failures.stage import Stage

GROUP = "Lost or repeated"
QUESTION = "What is the weather in Oslo?"
NAIVE = r"worker killed in a model call; the server notices after 60 s, by start_to_close_timeout"
DURABLE = r"worker killed in a model call; the server notices after 10 s, by heartbeat_timeout"
CURE = "durable_agents/client.py: model_call_defaults"
TEST = "tests/test_worker_killed.py"


@workflow.defn
class Naive:
    @workflow.run
    async def run(self, question: str) -> str:
        agent = Agent("Weather assistant", instructions="Answer questions about the weather.")
        result = await Runner.run(agent, question)
        return result.final_output_as(str)


@workflow.defn
class Durable:
    @workflow.run
    async def run(self, question: str) -> str:
        agent = Agent("Weather assistant", instructions="Answer questions about the weather.")
        result = await Runner.run(agent, question)
        return result.final_output_as(str)


async def play(stage: Stage, _failure: object) -> str:
    """Kill the worker in a model call; read which timeout the server waits for."""
    stage.model.latency = 30
    handle = await stage.start(QUESTION)
    async with stage.worker_process() as process:
        if not await asyncio.to_thread(stage.model.wait_until, lambda calls: len(calls) > 0):
            return "no model call was made within 10 s"
        process.kill()
        await process.wait()
    description = (await handle.describe()).raw_description
    await handle.terminate()
    if [call.activity_type.name for call in description.pending_activities] != [
        "invoke_model_activity"
    ]:
        return "no model call is pending"
    options = description.pending_activities[0].activity_options
    names = ("start_to_close_timeout", "heartbeat_timeout")
    timeouts = {name: getattr(options, name).ToTimedelta().total_seconds() for name in names}
    name = min((name for name in names if timeouts[name]), key=lambda name: timeouts[name])
    return (
        f"worker killed in a model call; the server notices after {timeouts[name]:g} s, by {name}"
    )
