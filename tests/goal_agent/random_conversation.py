"""A conversation driven by actions; checks that tools ran only when they were confirmed."""

from durable_agents import update_reliably

import asyncio
import json
from collections import Counter

from temporalio.client import WorkflowUpdateFailedError
from temporalio.service import RPCError, RPCStatusCode

from goal_agent.models import ConversationStatus, StepState
from goal_agent.toolbox.registry import TOOLS
from goal_agent.workflows.goal import AgentGoalWorkflow
from tests.goal_agent.conversations import (
    EVENTS,
    INVOICE,
    Handle,
    wait_until_settled,
)

PROMPTS = (INVOICE, f"{INVOICE}; {INVOICE}", EVENTS, "hello", "refuse", "use nothing")
ACTIONS = ("confirm", "confirm", "confirm twice", "cancel", "stale", "signal", "settle", "end")


class RandomConversation:
    """A conversation, the steps that were proposed, and the confirmations that were accepted."""

    def __init__(self, handle: Handle) -> None:
        self.handle = handle
        self.shown: list[str] = []
        self.confirmed: Counter[str] = Counter()
        self.accepted = 0

    async def perform(self, action: str) -> None:
        """Perform an action, in whatever state the conversation is."""
        if action == "settle":
            await wait_until_settled(self.handle, poll_interval=0.3)
        elif action == "end":
            await self.handle.signal(AgentGoalWorkflow.end_chat)
        elif action == "stale":
            await self.decide(self.shown[0] if self.shown else "none")
        elif action in PROMPTS:
            await self.say(action)
        else:
            await self.act_on_step(action)

    async def say(self, prompt: str) -> None:
        try:
            number = await update_reliably(self.handle, AgentGoalWorkflow.send_prompt, prompt)
            self.accepted = max(self.accepted, number)
        except WorkflowUpdateFailedError as error:
            if getattr(error.cause, "type", None) != "ConversationEnded":
                raise

    async def act_on_step(self, action: str) -> None:
        now = await wait_until_settled(self.handle, poll_interval=0.3)
        step = now.tool_data.step_id if now.tool_data else "none"
        self.shown.append(step)
        if action == "signal":
            waits = now.activity is ConversationStatus.CONFIRMING
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
            answer = await update_reliably(self.handle, update, step)
            assert answer.step_id == step
            self.confirmed[step] += confirm
        except WorkflowUpdateFailedError as error:
            if getattr(error.cause, "type", None) != "StepNotWaiting":
                raise

    async def run(self, actions: list[str]) -> None:
        """Perform actions, and end the conversation."""
        try:
            for action in [*actions, "end"]:
                await self.perform(action)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
        assert (await self.handle.result()).activity is ConversationStatus.ENDED

    async def check(self, ledger: list[str]) -> None:
        """Check the result against the history and the ledger."""
        result = await self.handle.result()
        step = result.tool_data
        stopped = step is not None and step.state is StepState.FAILED  # by the end, while it ran
        assert step is None or stopped or step.state in (StepState.DONE, StepState.CANCELLED)
        assert max(self.confirmed.values(), default=0) <= 1, "a step was confirmed twice"
        ran = await self.tools_in_history()
        confirmed = {step for step, times in self.confirmed.items() if times}
        unknown = {step.step_id} if step and stopped else set()
        assert set(ran) <= confirmed <= set(ran) | unknown
        paid = [step for id, step in (key.split("/") for key in ledger) if id == self.handle.id]
        due = [step for step, tool in ran.items() if tool == "create_invoice"]
        assert set(paid) | unknown >= set(due) >= set(paid)
        assert len(paid) == len(set(paid))
        verdicts = {d.step_id: d.verdict for m in result.messages if (d := m.decision)}
        assert {id for id, verdict in verdicts.items() if verdict == "confirmed"} == confirmed
        said = sum(message.actor == "user" for message in result.messages)
        assert result.answered == said >= self.accepted

    async def tools_in_history(self) -> dict[str, str]:
        """Return the tool of each step that ran; check that it was confirmed before."""
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
