"""A workflow whose agent is stopped by a cancel or a limit, and tools that record it."""

from durable_agents import activity_tool
from durable_agents.deadlines import time_limit

import asyncio
import time
from datetime import timedelta

from agents import Agent, Runner, TResponseInputItem
from temporalio import activity, workflow

from conversations.recorder import TurnRecorder

LONG = 30.0
"""Seconds that a tool takes if nothing stops it."""


class Tools:
    """Slow tools that record when they start and when they are cancelled."""

    def __init__(self) -> None:
        self.started: dict[str, float] = {}
        self.cancelled: dict[str, float] = {}

    @activity.defn
    async def quick(self) -> str:
        """Return at once."""
        return "quick is done"

    @activity.defn
    async def asynchronous(self) -> str:
        """Wait in a coroutine."""
        self.started["asynchronous"] = time.monotonic()
        try:
            await asyncio.sleep(LONG)
        except asyncio.CancelledError:
            self.cancelled["asynchronous"] = time.monotonic()
            raise
        return "done"

    @activity.defn
    def synchronous(self) -> str:
        """Wait in a thread."""
        self.started["synchronous"] = time.monotonic()
        try:
            while time.monotonic() < self.started["synchronous"] + LONG:
                threading_pause()
        except BaseException:
            self.cancelled["synchronous"] = time.monotonic()
            raise
        return "done"


def threading_pause() -> None:
    """Let other threads run; a thread is cancelled between two bytecodes."""
    time.sleep(0.02)


@workflow.defn
class Stoppable:
    """An agent whose turn completes, exceeds a limit, or is cancelled."""

    def __init__(self) -> None:
        self._turn: asyncio.Task[str] | None = None
        self._recorder = TurnRecorder()

    @workflow.run
    async def run(self, how: str) -> str:
        """Return how the turn ended."""
        if how == "limit":
            try:
                async with time_limit(timedelta(seconds=2)):
                    return await self._answer()
            except TimeoutError:
                return "timed out"
        self._turn = asyncio.create_task(self._answer())
        return await self._turn

    @workflow.query
    def recorded(self) -> list[TResponseInputItem]:
        """Return what the turn has produced so far."""
        return self._recorder.to_input()

    async def _answer(self) -> str:
        agent = Agent(
            name="Patient",
            tools=[
                activity_tool(Tools.quick),
                activity_tool(Tools.asynchronous),
                activity_tool(Tools.synchronous),
            ],
        )
        result = await Runner.run(agent, "Continue.", hooks=self._recorder)
        return result.final_output_as(str)
