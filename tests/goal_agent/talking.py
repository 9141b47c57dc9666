"""A model that does what the prompt says, and conversations with it without a client program.

`use TOOL name=value ...` proposes a step, several with `;` between them; `refuse` is refused;
`done` is the end; all else is answered with a question.
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
from goal_agent.models import Activity, CombinedInput, ConversationHistory, Message, ToolParams
from goal_agent.workflows.goal import AgentGoalWorkflow

Handle = WorkflowHandle[AgentGoalWorkflow, ConversationHistory]

INVOICE = "use create_invoice email=a@b.org amount=12.50 description=flight"
EVENTS = "use find_events city=Oslo month=6"


def obedient(calls: int = 500, answer: Callable[[ModelCall], str] | None = None) -> ScriptedModel:
    """Return a model that does what prompts say, for so many calls at most."""

    def respond(call: ModelCall) -> list[ResponseOutputItem]:
        return [assistant_message((answer or obey)(call))]

    return ScriptedModel([ModelStep.respond(respond)] * calls)


def obey(call: ModelCall) -> str:
    """Return what the obedient model says."""
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
    """Return a planner's answer."""
    values = args if isinstance(args, dict) else {}
    pairs = [{"name": name, "value": value} for name, value in values.items()]
    return json.dumps({"next": next, "tool": tool, "args": pairs, "response": response})


async def begin(client: Client, *prompts: str, goal: str = "book_trip") -> Handle:
    params = ToolParams(prompt_queue=[*prompts])
    return await client.start_workflow(
        AgentGoalWorkflow.run,
        CombinedInput(tool_params=params, agent_goal=goal),
        id=f"test-{uuid4()}",
        task_queue=TASK_QUEUE,
    )


async def history(handle: Handle) -> ConversationHistory:
    return await handle.query(AgentGoalWorkflow.get_conversation_history)


async def settled(handle: Handle, answered: int = 0, pause: float = 0.03) -> ConversationHistory:
    """Return the conversation once so many prompts are dealt with, or a step waits.

    Args:
        handle: The conversation.
        answered: How many prompts.
        pause: Seconds between two looks.
    """
    while True:
        now = await history(handle)
        ready = now.activity is Activity.IDLE and now.answered >= answered
        if ready or now.activity in (Activity.CONFIRMING, Activity.ENDED):
            return now
        await asyncio.sleep(pause)


async def say(handle: Handle, text: str, answered: int = 1) -> ConversationHistory:
    """Say something; return the conversation once that is dealt with, or a step waits."""
    await handle.signal(AgentGoalWorkflow.user_prompt, text)
    return await settled(handle, answered)


async def waiting(handle: Handle) -> str:
    """Return the id of the step that waits."""
    now = await settled(handle)
    assert now.activity is Activity.CONFIRMING, now.messages
    assert now.tool_data
    return now.tool_data.step_id


async def end(handle: Handle) -> ConversationHistory:
    await handle.signal(AgentGoalWorkflow.end_chat)
    return await handle.result()


async def refusal(handle: Handle, step_id: str) -> ApplicationError:
    """Return why a step cannot be confirmed."""
    with pytest.raises(WorkflowUpdateFailedError) as failure:
        await handle.execute_update(AgentGoalWorkflow.confirm_step, step_id)
    cause = failure.value.cause
    assert isinstance(cause, ApplicationError)
    return cause


def texts(messages: list[Message]) -> list[tuple[str, str]]:
    """Return who says what, but for the greeting."""
    return [(message.actor, message.text) for message in messages[1:]]


def invoices(ledger: Path) -> list[str]:
    """Return the idempotency keys of the invoices in a ledger."""
    if not ledger.exists():
        return []
    with closing(sqlite3.connect(ledger)) as rows:
        return [key for (key,) in rows.execute("SELECT key FROM invoices")]
