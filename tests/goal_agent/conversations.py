"""A model that follows instructions in the prompt, and helpers to hold conversations with it.

`use TOOL name=value ...` proposes a step, or several separated by `;`. `refuse` is rejected as off
topic, `done` reaches the goal, and everything else is answered with a question.
"""

import asyncio
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest
from agents.testing import ModelCall, ModelStep, ScriptedModel, assistant_message
from openai.types.responses import ResponseOutputItem
from temporalio.client import Client, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from goal_agent import TASK_QUEUE
from goal_agent.models import (
    CombinedInput,
    ConversationHistory,
    ConversationStatus,
    Message,
    ToolParams,
)
from goal_agent.workflows.goal import AgentGoalWorkflow

Handle = WorkflowHandle[AgentGoalWorkflow, ConversationHistory]

INVOICE = "use create_invoice email=a@b.org amount=12.50 description=flight"
EVENTS = "use find_events city=Oslo month=6"


def obedient_model(
    calls: int = 500, answer: Callable[[ModelCall], str] | None = None
) -> ScriptedModel:
    """Return a model that follows its prompts, for at most `calls` calls."""

    def respond(call: ModelCall) -> list[ResponseOutputItem]:
        return [assistant_message((answer or follow_prompt)(call))]

    return ScriptedModel([ModelStep.respond(respond)] * calls)


def follow_prompt(call: ModelCall) -> str:
    """Return the output of the obedient model."""
    instructions = call.system_instructions or ""
    roles = [item["role"] for item in call.input]
    last = max((n for n, role in enumerate(roles) if role == "user"), default=-1)
    text = call.input[last]["content"] if last >= 0 else ""
    if "belongs to a conversation" in instructions:
        return json.dumps({"valid": "refuse" not in text, "reason": "Not here."})
    if "exactly two sentences" in instructions:
        return "The user wants things. Some are done."
    notes = [item["content"] for item in call.input[last + 1 :] if item["role"] == "developer"]
    done = sum(not note.startswith("That was not shown") for note in notes)
    steps = [part.strip() for part in text.split(";")]
    if steps[0].startswith("use ") and done < len(steps):
        _, tool, *pairs = steps[done].split()
        return step("confirm", f"Shall I {tool}?", tool, dict(pair.split("=", 1) for pair in pairs))
    if text == "done":
        return step("done", "Goodbye.")
    return step("question", f"Re: {text}")


def step(next: str, response: str, tool: str | None = None, args: object = None) -> str:
    """Return an output of the planner."""
    values = args if isinstance(args, dict) else {}
    pairs = [{"name": name, "value": value} for name, value in values.items()]
    return json.dumps({"next": next, "tool": tool, "args": pairs, "response": response})


async def start(client: Client, *prompts: str, goal: str = "book_trip") -> Handle:
    params = ToolParams(prompt_queue=[*prompts])
    return await client.start_workflow(
        AgentGoalWorkflow.run,
        CombinedInput(tool_params=params, agent_goal=goal),
        id=f"test-{uuid4()}",
        task_queue=TASK_QUEUE,
    )


async def history(handle: Handle) -> ConversationHistory:
    return await handle.query(AgentGoalWorkflow.get_conversation_history)


async def wait_until_settled(
    handle: Handle, answered: int = 0, poll_interval: float = 0.03
) -> ConversationHistory:
    """Return the conversation once it is idle, waits for confirmation, or has ended.

    Args:
        handle: The conversation.
        answered: How many prompts must have been processed before it counts as idle.
        poll_interval: In seconds.
    """
    while True:
        now = await history(handle)
        ready = now.activity is ConversationStatus.IDLE and now.answered >= answered
        if ready or now.activity in (ConversationStatus.CONFIRMING, ConversationStatus.ENDED):
            return now
        await asyncio.sleep(poll_interval)


async def send_prompt(handle: Handle, text: str, answered: int = 1) -> ConversationHistory:
    """Send a prompt; return the conversation once it is processed, or a step is waiting."""
    await handle.signal(AgentGoalWorkflow.user_prompt, text)
    return await wait_until_settled(handle, answered)


async def wait_for_step(handle: Handle) -> str:
    """Return the id of the step that is waiting for confirmation."""
    now = await wait_until_settled(handle)
    assert now.activity is ConversationStatus.CONFIRMING, now.messages
    assert now.tool_data
    return now.tool_data.step_id


async def end(handle: Handle) -> ConversationHistory:
    await handle.signal(AgentGoalWorkflow.end_chat)
    return await handle.result()


async def rejection_of(handle: Handle, step_id: str, *, cancel: bool = False) -> ApplicationError:
    """Return the error of a rejected confirmation, or of a rejected cancellation."""
    update = AgentGoalWorkflow.cancel_step if cancel else AgentGoalWorkflow.confirm_step
    with pytest.raises(WorkflowUpdateFailedError) as failure:
        await handle.execute_update(update, step_id)
    cause = failure.value.cause
    assert isinstance(cause, ApplicationError)
    return cause


def texts(messages: list[Message]) -> list[tuple[str, str]]:
    """Return actors and texts, without the greeting."""
    return [(message.actor, message.text) for message in messages[1:]]


def invoices(ledger: Path) -> list[str]:
    """Return the idempotency keys of the invoices in a ledger."""
    if not ledger.exists():
        return []
    with closing(sqlite3.connect(ledger)) as rows:
        return [key for (key,) in rows.execute("SELECT key FROM invoices")]
