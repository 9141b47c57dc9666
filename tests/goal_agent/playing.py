"""A conversation that is played with actions, and notes what was confirmed."""

import asyncio
import json
from collections import Counter

from temporalio.client import WorkflowUpdateFailedError
from temporalio.service import RPCError, RPCStatusCode

from goal_agent.models import Activity, StepState
from goal_agent.toolbox.registry import TOOLS
from goal_agent.workflows.goal import AgentGoalWorkflow
from tests.goal_agent.talking import (
    EVENTS,
    INVOICE,
    Handle,
    settled,
)

PROMPTS = (INVOICE, f"{INVOICE}; {INVOICE}", EVENTS, "hello", "refuse", "use nothing")
ACTIONS = ("confirm", "confirm", "confirm twice", "cancel", "stale", "signal", "settle", "end")


class Played:
    """A conversation with the steps that were shown, and the confirmations that were accepted."""

    def __init__(self, handle: Handle) -> None:
        self.handle = handle
        self.shown: list[str] = []
        self.confirmed: Counter[str] = Counter()

    async def play(self, action: str) -> None:
        """Do something, whatever state the conversation is in."""
        if action == "settle":
            await settled(self.handle, pause=0.3)
        elif action == "end":
            await self.handle.signal(AgentGoalWorkflow.end_chat)
        elif action == "stale":
            await self.decide(self.shown[0] if self.shown else "none")
        elif action in PROMPTS:
            await self.handle.signal(AgentGoalWorkflow.user_prompt, action)
        else:
            await self.to_the_step(action)

    async def to_the_step(self, action: str) -> None:
        now = await settled(self.handle, pause=0.3)
        step = now.tool_data.step_id if now.tool_data else "none"
        self.shown.append(step)
        if action == "signal":
            waits = now.activity is Activity.CONFIRMING
            await self.handle.signal(AgentGoalWorkflow.confirm, step)
            self.confirmed[step] += waits
        elif action == "cancel":
            await self.decide(step, confirm=False)
        else:
            times = 2 if "twice" in action else 1
            await asyncio.gather(*(self.decide(step) for _ in range(times)))

    async def decide(self, step: str, *, confirm: bool = True) -> None:
        update = AgentGoalWorkflow.confirm_step if confirm else AgentGoalWorkflow.cancel_step
        try:
            answer = await self.handle.execute_update(update, step)
            assert answer.step_id == step
            self.confirmed[step] += confirm
        except WorkflowUpdateFailedError as error:
            if getattr(error.cause, "type", None) != "StepNotWaiting":
                raise

    async def run(self, actions: list[str]) -> None:
        """Do all of it, and end the conversation if that has not."""
        try:
            for action in [*actions, "end"]:
                await self.play(action)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
        assert (await self.handle.result()).activity is Activity.ENDED

    async def check(self, ledger: list[str]) -> None:
        """Check how it ended, and what its history and the ledger say."""
        result = await self.handle.result()
        states = (StepState.DONE, StepState.CANCELLED)
        assert result.tool_data is None or result.tool_data.state in states
        assert max(self.confirmed.values(), default=0) <= 1, "a step was confirmed twice"
        ran = await self.tools_in_history()
        assert set(ran) == {step for step, times in self.confirmed.items() if times}
        paid = [step for id, step in (key.split("/") for key in ledger) if id == self.handle.id]
        due = [step for step, tool in ran.items() if tool == "create_invoice"]
        assert sorted(paid) == sorted(due)

    async def tools_in_history(self) -> dict[str, str]:
        """Return which tool ran for each step; check that its confirmation came before."""
        confirmed: set[str] = set()
        ran: dict[str, str] = {}
        for event in (await self.handle.fetch_history()).events:
            update = event.workflow_execution_update_accepted_event_attributes.accepted_request
            if update.input.name == "confirm_step":
                confirmed.add(json.loads(update.input.args.payloads[0].data))
            signal = event.workflow_execution_signaled_event_attributes
            if signal.signal_name == "confirm":
                confirmed.add(json.loads(signal.input.payloads[0].data))
            scheduled = event.activity_task_scheduled_event_attributes
            if (tool := scheduled.activity_type.name) in TOOLS:
                key = json.loads(scheduled.input.payloads[0].data)["idempotency_key"]
                step = key.split("/")[1]
                assert step in confirmed, "a tool ran without its confirmation"
                assert step not in ran, "a step ran twice"
                ran[step] = tool
        return ran
