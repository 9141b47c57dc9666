"""Activities and a workflow for the tests of `activity_tool`."""

from durable_agents import InvalidInput, activity_tool

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from agents import Agent, RunContextWrapper, Runner
from temporalio import activity, workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError


@dataclass
class Caller:
    """The context of a run."""

    name: str


class Desk:
    """Activities as methods, with state on the worker."""

    def __init__(self) -> None:
        self.attempts = 0
        self.started = False

    @activity.defn
    async def broken(self, part: str) -> str:
        """Fail on every call.

        Args:
            part: The part that breaks.
        """
        self.attempts += 1
        raise RuntimeError(f"{part} is broken")

    @activity.defn
    async def refused(self, amount: int) -> str:
        """Fail with invalid input."""
        self.attempts += 1
        raise InvalidInput(f"amount {amount} is too much")

    @activity.defn
    async def slow(self) -> str:
        """Exceed the timeout."""
        self.attempts += 1
        self.started = True
        activity.heartbeat()
        await activity.wait_for_cancelled()
        return "stopped"

    @activity.defn
    async def patient(self) -> str:
        """Exceed the heartbeat timeout without a heartbeat of its own."""
        self.attempts += 1
        await asyncio.sleep(0.8)
        return "done"

    @activity.defn
    async def unsure(self) -> str:
        """Fail once, then return."""
        self.attempts += 1
        if self.attempts == 1:
            raise ApplicationError("not yet")
        return "now"


@activity.defn
async def greet(context: RunContextWrapper[Caller], greeting: str) -> str:
    """Greet the caller."""
    return f"{greeting} {context.context.name}"


@workflow.defn
class Toolbox:
    """An agent with every tool."""

    @workflow.run
    async def run(self, question: str) -> str:
        """Return the agent's answer."""
        quick = RetryPolicy(initial_interval=timedelta(milliseconds=10), maximum_attempts=3)
        agent = Agent[Caller](
            name="Tester",
            tools=[
                activity_tool(greet),
                activity_tool(Desk.broken, retry_policy=quick),
                activity_tool(Desk.refused),
                activity_tool(
                    Desk.slow,
                    retry_policy=quick,
                    start_to_close_timeout=timedelta(seconds=0.3),
                    heartbeat_timeout=timedelta(seconds=5),
                ),
                activity_tool(Desk.patient, heartbeat_timeout=timedelta(seconds=0.4)),
                activity_tool(Desk.unsure, retry_policy=quick),
            ],
        )
        result = await Runner.run(agent, question, context=Caller("Ada"))
        return result.final_output_as(str)
