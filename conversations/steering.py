"""The turns of a steerable chat: one is in flight, and every message gets one reply."""

from durable_agents import RUN_ERRORS, require_text, root_cause
from durable_agents.cancellation import cancel_and_wait
from durable_agents.deadlines import IdleTimer
from durable_agents.handles import UPDATE_LOST_TO_CLOSE
from durable_agents.messages import ModelInput, last_turns_within, update_id

import asyncio
from datetime import timedelta
from typing import Literal, cast

from agents import Agent, RunConfig, RunContextWrapper, Runner, Tool, TResponseInputItem
from agents.run import CallModelData, ModelInputData
from pydantic import BaseModel, Field
from pydantic_core import from_json, to_json
from temporalio import workflow
from temporalio.exceptions import ApplicationError, is_cancelled_exception

from conversations.recorder import TurnRecorder

WhileBusy = Literal["queue", "reject", "interrupt", "steer"]
Outcome = Literal["answered", "stopped", "interrupted", "failed"]

MAX_MESSAGE_LENGTH = 4_000  # characters
MAX_REPLY_LENGTH = 16_000  # characters; a longer reply is cut
# Messages without a reply, including those of the turn in flight. Each is an update in flight, of
# which the server allows ten: the others are for `stop` and `end`.
MAX_UNANSWERED = 7
MAX_REPLIES = 10  # kept by update id, for clients that resend a message
MAX_CONTEXT_BYTES = 128_000  # shown to the model; each model call records it again
IDLE_TIMEOUT = timedelta(hours=1)


class Reply(BaseModel):
    """The outcome of the turn that read a message, and its answer, or why the turn failed."""

    outcome: Outcome
    text: str = ""
    error_type: str = ""


class Message(BaseModel):
    """A pending message, with the id of the update that sent it."""

    id: str
    text: str


class SteerableState(BaseModel):
    """State passed from run to run."""

    items: ModelInput = Field(default=[], description="Model input: last turns")
    waiting: list[Message] = Field(default=[], description="Messages that wait for their turn")
    replies: dict[str, Reply] = Field(default={}, description="The last ones, by update id")
    ending: bool = Field(default=False, description="Whether new messages are rejected")
    turns: int = 0
    turns_per_run: int = Field(default=25, ge=1, description="Turns before continuing as new")


class ChatStatus(BaseModel):
    """What a chat is doing."""

    doing: str = Field(description="Empty while no turn is in flight")
    waiting: int = Field(description="Messages that wait for their turn")


class Turn(TurnRecorder):
    """An agent run that can be stopped, and that reads messages before each model call.

    Attributes:
        read: The messages that it answers: the first one, and those that steered it.
        unread: Messages that it reads before its next model call.
        ended_by: The outcome that its cancellation gives it; None if it was not cancelled.
        doing: What it is doing.
    """

    def __init__(self, agent: Agent[None], items: ModelInput, message: Message) -> None:
        super().__init__()
        self.read: list[Message] = []
        self.unread = [message]
        self.ended_by: Outcome | None = None
        self.doing = "thinking"
        self._earlier = cast("list[TResponseInputItem]", items)
        self.read_messages()
        self.task = asyncio.create_task(self._run(agent))

    def items(self) -> list[TResponseInputItem]:
        """Return the conversation including this turn; each call is followed by its result."""
        return [*self._earlier, *self.to_input()]

    def read_messages(self) -> None:
        """Add the unread messages to the conversation."""
        for message in self.unread:
            self.add({"role": "user", "content": message.text})
        self.read += self.unread
        self.unread = []

    async def end(self, outcome: Outcome) -> None:
        """Cancel model calls and tools in flight, and wait until the turn has ended."""
        self.ended_by = self.ended_by or outcome
        await cancel_and_wait(self.task)

    async def on_tool_start(
        self, context: RunContextWrapper[None], agent: Agent[None], tool: Tool
    ) -> None:
        """Record what the turn is doing."""
        self.doing = f"running {tool.name}"

    async def _run(self, agent: Agent[None]) -> str:
        config = RunConfig(call_model_input_filter=self._next_input)
        result = await Runner.run(agent, self.items(), hooks=self, run_config=config)
        text = result.final_output_as(str, raise_if_incorrect_type=True)
        cut = f"{text[:MAX_REPLY_LENGTH]} … (cut: the reply has {len(text):,} characters)"
        return text if len(text) <= MAX_REPLY_LENGTH else cut

    def _next_input(self, data: CallModelData[None]) -> ModelInputData:
        self.doing = "thinking"
        self.read_messages()
        return ModelInputData(self.items(), data.model_data.instructions)


class SteerableChat:
    """A chat in its current run.

    Attributes:
        state: Passed to the next run.
        turn: The turn in flight.
    """

    def __init__(self, state: SteerableState) -> None:
        self.state = state
        self.turn: Turn | None = None
        self._turns_before = state.turns
        self._closing = False
        self._idle_timer = IdleTimer()
        self._idle_watch: asyncio.Task[None] | None = None

    def status(self) -> ChatStatus:
        """Return what the chat is doing."""
        doing = self.turn.doing if self.turn else ""
        return ChatStatus(doing=doing, waiting=len(self.state.waiting))

    def check(self, text: str, while_busy: WhileBusy) -> None:
        """Raise unless the chat accepts this message now, or has accepted it before."""
        id = update_id()
        if id in self.state.replies or id in self._accepted():
            return
        if self.state.ending:
            raise _rejection("ChatEnded", "the chat has ended; start another")
        require_text(text, "text", max_length=MAX_MESSAGE_LENGTH)
        if while_busy == "reject" and (self.turn or self.state.waiting):
            raise _rejection("Busy", "a message is being answered; send this one afterwards")
        if len(self._accepted()) >= MAX_UNANSWERED:
            reason = f"{MAX_UNANSWERED} messages have no reply yet, which is the limit"
            raise _rejection("QueueFull", f"{reason}; send this one later")

    async def ask(self, text: str, while_busy: WhileBusy) -> Reply:
        """Return the reply to a message; raise ApplicationError if its turn failed."""
        message = Message(id=update_id(), text=text)
        if message.id not in self.state.replies and message.id not in self._accepted():
            turn = self.turn if self.turn and not self.turn.ended_by else None
            if turn and while_busy == "steer":
                turn.unread.append(message)
            elif turn and while_busy == "interrupt":
                self.state.waiting.insert(0, message)
                await turn.end("interrupted")
            else:
                self.state.waiting.append(message)
        await workflow.wait_condition(lambda: message.id in self.state.replies or self._closing)
        reply = self.state.replies.get(message.id)
        if not reply:
            raise _rejection(UPDATE_LOST_TO_CLOSE, "the next run replies; send it again, same id")
        if reply.outcome == "failed":
            raise ApplicationError(reply.text, type=reply.error_type, non_retryable=True)
        return reply

    async def stop(self) -> bool:
        """Stop the turn in flight; return whether there was one."""
        turn = self.turn
        if turn:
            await turn.end("stopped")
        return turn is not None

    async def wait_for_message(self) -> bool:
        """Wait until a message is pending; return False if the chat ends instead."""
        self._idle_watch = self._idle_watch or asyncio.create_task(self._end_when_idle())
        await workflow.wait_condition(lambda: bool(self.state.waiting) or self.state.ending)
        return bool(self.state.waiting)

    async def run_turn(self, agent: Agent[None]) -> None:
        """Answer the next message. Only a failed turn leaves the conversation as it was."""
        turn = self.turn = Turn(agent, self.state.items, self.state.waiting.pop(0))
        try:
            with self._idle_timer.busy():
                reply = Reply(outcome="answered", text=await turn.task)
        except (asyncio.CancelledError, *RUN_ERRORS) as error:
            if turn.ended_by:
                reply = Reply(outcome=turn.ended_by)
            elif is_cancelled_exception(error):  # the workflow is cancelled, or evicted
                raise
            else:
                kind, text = root_cause(error)
                reply = Reply(outcome="failed", text=text[:MAX_REPLY_LENGTH], error_type=kind)
        self.turn = None
        if reply.outcome in ("stopped", "interrupted"):
            turn.read_messages()  # they belong to the turn; the next one has them before it
        if reply.outcome != "failed":
            self.state.items = last_turns_within(
                MAX_CONTEXT_BYTES, from_json(to_json(turn.items()))
            )
        self.state.waiting = [*turn.unread, *self.state.waiting]  # too late to steer this turn
        self.state.replies |= {message.id: reply for message in turn.read}
        self.state.turns += 1

    async def next_state(self) -> SteerableState | None:
        """Return the state for the next run, if this one is long; else None.

        Messages that still wait are carried. Their updates fail as if the run had closed, so that
        `update_reliably` resends them to the next run under the same id.
        """
        turns = self.state.turns - self._turns_before
        is_long = turns >= self.state.turns_per_run
        is_over = self.state.ending and not self.state.waiting
        if is_over or not (is_long or workflow.info().is_continue_as_new_suggested()):
            return None
        self._closing = True
        await workflow.wait_condition(workflow.all_handlers_finished)
        last = list(self.state.replies.items())[-MAX_REPLIES:]
        return self.state.model_copy(update={"replies": dict(last)})

    async def _end_when_idle(self) -> None:
        """End the chat after `IDLE_TIMEOUT` without a turn."""
        await self._idle_timer.wait(lambda: self.state.ending, IDLE_TIMEOUT)
        self.state.ending = True

    def _accepted(self) -> set[str]:
        """Return the ids of the messages that have no reply yet."""
        of_turn = [*self.turn.read, *self.turn.unread] if self.turn else []
        return {message.id for message in [*of_turn, *self.state.waiting]}


def _rejection(type: str, reason: str) -> ApplicationError:
    return ApplicationError(reason, type=type, non_retryable=True)
