"""Gets the model's reply to a message. A failure affects only its own turn."""

from durable_agents import RUN_ERRORS

import asyncio

from agents import (
    Agent,
    ModelBehaviorError,
    ModelSettings,
    Runner,
    TResponseInputItem,
)
from temporalio import workflow
from temporalio.exceptions import is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from workflow_activities.limits import MAX_REPLY_LENGTH, MAX_REPLY_TOKENS
    from workflow_activities.models import Failure, storable

CANCELLED = Failure(type="Cancelled", message="the conversation was cancelled")


class TurnRunner:
    """Runs one turn at a time, until it is cancelled."""

    def __init__(self) -> None:
        self._turn: asyncio.Task[str] | None = None
        self._cancelled = False

    async def answer(self, prompt: list[TResponseInputItem]) -> str | Failure:
        """Return the model's reply, or the failure: `CANCELLED` after `cancel()`."""
        turn = self._turn = asyncio.create_task(_reply_to(prompt))
        if self._cancelled:
            turn.cancel()
        try:
            return await turn
        except (asyncio.CancelledError, *RUN_ERRORS) as error:
            if self._cancelled and is_cancelled_exception(error):
                return CANCELLED
            if isinstance(error, asyncio.CancelledError):
                raise
            return Failure.of(error)

    def cancel(self) -> None:
        """Cancel the turn in flight, and every later one."""
        self._cancelled = True
        if self._turn:
            self._turn.cancel()


async def _reply_to(prompt: list[TResponseInputItem]) -> str:
    agent = Agent(
        name="Notetaker",
        instructions="""
            You keep the notes of a task. Confirm each new fact in one short sentence.
            Answer questions only from the facts in this conversation.
        """,
        model_settings=ModelSettings(max_tokens=MAX_REPLY_TOKENS),
    )
    result = await Runner.run(agent, prompt)
    reply = storable(result.final_output_as(str, raise_if_incorrect_type=True))
    if not reply.strip():
        raise ModelBehaviorError("The model's reply is empty")
    if len(reply) > MAX_REPLY_LENGTH:
        return f"{reply[:MAX_REPLY_LENGTH]} … (cut: the reply has {len(reply):,} characters)"
    return reply
