"""The transcript of a conversation: its messages, its queue of prompts, and its status."""

from durable_agents import encoded_size
from durable_agents.deadlines import IdleTimer
from durable_agents.messages import Rejected, remember, update_id

from collections.abc import Callable, Iterable
from datetime import timedelta
from itertools import accumulate

from agents import TResponseInputItem
from temporalio import workflow

from goal_agent.limits import MAX_QUEUED, MAX_RECEIPTS, MAX_RUN_BYTES, clip
from goal_agent.models import (
    Actor,
    CombinedInput,
    ConversationHistory,
    ConversationStatus,
    Decision,
    Message,
    Role,
    StepState,
)

IDLE_TIMEOUT = timedelta(hours=24)

MAX_CONTEXT_BYTES = 128_000
"""Bytes of messages in the input of a model call, as JSON. The history records every input."""

ENDED = "The conversation has ended."

PENDING = {
    StepState.WAITING: ConversationStatus.CONFIRMING,
    StepState.RUNNING: ConversationStatus.RUNNING,
}


class Transcript:
    """A conversation, and its state for the next run. It never changes across an await.

    Args:
        start: The workflow's argument, from the client or from the previous run.
    """

    def __init__(self, start: CombinedInput) -> None:
        self.goal, self.state = start.agent_goal, start.tool_params
        self.ending = self.closed = self._in_turn = False
        self._idle_timer = IdleTimer(in_flight=1)  # the task that answers prompts
        self._carried = len(self.state.messages)

    def is_run_full(self, max_messages: int) -> bool:
        """Return whether this run has added this many messages, or `MAX_RUN_BYTES` of them."""
        added = self.state.messages[self._carried :]
        return len(added) >= max_messages or encoded_size(added) >= MAX_RUN_BYTES

    def check_accepts_prompt(self) -> None:
        """Check that a prompt can be accepted, or that the current update is a resent one.

        Raises:
            Rejected: ConversationEnded, TooManyPrompts.
        """
        if update_id() in self.state.accepted:
            return
        if self.ending or self.closed:
            raise Rejected(ENDED, "ConversationEnded")
        if len(self.state.prompt_queue) >= MAX_QUEUED:
            raise Rejected(f"{MAX_QUEUED} messages are queued already.", "TooManyPrompts")

    def accept(self, prompt: str) -> int:
        """Queue a prompt; return its number: it is processed once `answered` reaches it."""
        self.check_accepts_prompt()
        if update_id() in self.state.accepted:
            return self.state.accepted[update_id()]
        self.state.prompt_queue = [*self.state.prompt_queue, prompt]
        number = self.state.answered + self._in_turn + len(self.state.prompt_queue)
        self.state.accepted = remember(self.state.accepted, number, MAX_RECEIPTS)
        return number

    async def wait_for_user(self, has_acted: Callable[[], bool]) -> bool:
        """Return True when the user has acted, and False if the conversation is ending."""
        with self._idle_timer.idle():
            await workflow.wait_condition(lambda: has_acted() or self.ending)
        return not self.ending

    async def wait_for_end(self, is_done: Callable[[], bool]) -> None:
        """Wait until the conversation is ending, or `is_done`; a day of silence ends it."""
        if not await self._idle_timer.wait(lambda: self.ending or is_done(), IDLE_TIMEOUT):
            self.ending = True

    def start_turn(self) -> None:
        """Move the next prompt from the queue to the messages."""
        [prompt, *self.state.prompt_queue] = self.state.prompt_queue
        self._in_turn = True
        self.add("user", prompt)

    def finish_turn(self) -> None:
        """Count the turn's prompt as processed."""
        self._in_turn = False
        self.state.answered += 1

    def add(
        self, actor: Actor, text: str, error: str | None = None, decision: Decision | None = None
    ) -> None:
        """Add a message."""
        message = Message(actor=actor, text=clip(text), error=error, decision=decision)
        self.state.messages = [*self.state.messages, message]

    def close(self) -> None:
        """End the conversation; report the prompts that were not answered."""
        if self._in_turn:
            if not self.state.messages[-1].was_cancelled:  # that is the answer to its prompt
                last = f"{ENDED} The last prompt was not answered."
                self.add("system", last, "ConversationEnded")
            self.finish_turn()
        while self.state.prompt_queue:
            self.start_turn()
            self.add("system", f"{ENDED} This was not answered.", "ConversationEnded")
            self.finish_turn()
        self.closed = True

    def to_model_input(self, notes: Iterable[str] = ()) -> list[TResponseInputItem]:
        """Return the input of a model call: summary, last messages, and notes for this call.

        The messages are as many as fit into `MAX_CONTEXT_BYTES`. Decisions that let a tool run are
        left out: the tool's result follows them. A summary was written by a model from what users
        said, so it has the model's role.
        """
        shown = [one for one in self.state.messages if not one.decision or one.was_cancelled]
        sizes = accumulate(encoded_size(message.text) for message in reversed(shown))
        fitting = sum(size <= MAX_CONTEXT_BYTES for size in sizes)
        items = [_item(message.role, message.text) for message in shown[len(shown) - fitting :]]
        if summary := self.state.conversation_summary:
            items.insert(0, _item("assistant", f"Summary of what was said before: {summary}"))
        return [*items, *(_item("developer", note) for note in notes)]

    def history(self) -> ConversationHistory:
        """Return the conversation. Every field is set: the converter leaves out unset ones."""
        derived = {
            "goal": self.goal,
            "summary": self.state.conversation_summary,
            "activity": self._status(),
            "queued": len(self.state.prompt_queue),
        }
        return ConversationHistory.model_validate({**dict(self.state), **derived})

    def for_next_run(self) -> CombinedInput:
        """Return the argument of the next run."""
        return CombinedInput(tool_params=self.state.for_next_run(), agent_goal=self.goal)

    def _status(self) -> ConversationStatus:
        if self.closed:
            return ConversationStatus.ENDED
        if self.state.tool_data and self.state.tool_data.state in PENDING:
            return PENDING[self.state.tool_data.state]
        idle = not self._idle_timer.in_flight and not self.state.prompt_queue
        return ConversationStatus.IDLE if idle else ConversationStatus.THINKING


def _item(role: Role, text: str) -> TResponseInputItem:
    return {"role": role, "content": text}
