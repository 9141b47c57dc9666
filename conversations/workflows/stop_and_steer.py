"""A stop button and double texting: queue, reject, interrupt, or steer while a turn is in flight.

A stopped turn keeps its finished tool results, and the next message continues with them.
"""

from durable_agents import activity_tool

from datetime import timedelta

from agents import Agent
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from conversations.activities.measurements import benchmark_hashing, get_load, watch_load
    from conversations.steering import ChatStatus, Reply, SteerableChat, SteerableState, WhileBusy


@workflow.defn
class SteerableChatWorkflow:
    """Measures the worker's machine in a chat, until it is ended or idle for an hour."""

    @workflow.init
    def __init__(self, state: SteerableState | None = None) -> None:
        """Restore the state: updates may arrive before `run` starts."""
        self._chat = SteerableChat(state or SteerableState())

    @workflow.run
    async def run(self, state: SteerableState | None = None) -> int:
        """Return the number of turns; `state` comes from the run that this one continues."""
        two_minutes = timedelta(minutes=2)
        agent = Agent(
            name="Machine assistant",
            instructions="""
                You measure the machine that you run on, with your tools, one after the other.
                The user's last message counts most. Do not repeat a measurement that you have.
            """,
            tools=[
                activity_tool(get_load),
                activity_tool(watch_load, start_to_close_timeout=two_minutes),
                activity_tool(benchmark_hashing, start_to_close_timeout=two_minutes),
            ],
        )
        while await self._chat.wait_for_message():
            await self._chat.run_turn(agent)
            if state := await self._chat.next_state():
                workflow.continue_as_new(state)
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self._chat.state.turns

    @workflow.update
    async def ask(self, text: str, while_busy: WhileBusy = "queue") -> Reply:
        """Return the reply to a message. `while_busy` applies if a turn is in flight."""
        return await self._chat.ask(text, while_busy)

    @ask.validator
    def _check(self, text: str, while_busy: WhileBusy = "queue") -> None:
        self._chat.check(text, while_busy)

    @workflow.update
    async def stop(self) -> bool:
        """Stop the turn in flight, and return whether there was one."""
        return await self._chat.stop()

    @workflow.update
    async def end(self) -> None:
        """Reject new messages; the workflow completes once the accepted ones are answered."""
        self._chat.state.ending = True

    @workflow.query
    def get_status(self) -> ChatStatus:
        """Return what the chat is doing."""
        return self._chat.status()
