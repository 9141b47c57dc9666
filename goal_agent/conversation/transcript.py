"""The transcript of a conversation: its messages, its queue of prompts, and its status."""

from durable_agents import InvalidInput, encoded_size

from collections.abc import Iterable, Sequence
from typing import Literal

from agents import TResponseInputItem
from temporalio.exceptions import ApplicationError

from goal_agent.conversation.receipts import recall, remember
from goal_agent.limits import MAX_QUEUED, MAX_START_BYTES, clip, validate_prompt
from goal_agent.models import (
    Actor,
    CombinedInput,
    ConversationHistory,
    ConversationStatus,
    Decision,
    Message,
    StepState,
    ToolData,
    ToolParams,
    Verdict,
)

MAX_CARRIED_MESSAGES = 20
"""Messages that the next run gets verbatim: flight numbers must survive a summary."""

MAX_DECISIONS = 50
"""Older decisions that the next run gets as well."""

MAX_CONTEXT_BYTES = 128_000
"""Bytes of messages in the input of a model call, as JSON. The history records every input."""

ENDED = "The conversation has ended."

RECORDS: dict[Verdict, str] = {
    "confirmed": "{} was confirmed.",
    "cancelled": "{} was not confirmed, and not run.",
    "automatic": "{} runs without confirmation.",
}

# Text of a user never gets a role other than "user". A summary was written by a model from what
# users said, so it has the model's role.
Role = Literal["user", "assistant", "developer"]
ROLES: dict[Actor, Role] = {
    "user": "user",
    "agent": "assistant",
    "tool": "developer",
    "system": "developer",
}


class PromptRejected(ApplicationError):
    """A prompt arrived too late, or while the queue is full."""

    def __init__(self, type: str, message: str) -> None:
        super().__init__(message, type=type, non_retryable=True)


class Transcript:
    """A conversation without its tool call. It never changes across an await.

    Args:
        start: The workflow's argument, from the client or from the previous run.
    """

    def __init__(self, start: CombinedInput) -> None:
        given = start.tool_params
        self.goal, self.summary = start.agent_goal, given.conversation_summary
        self.messages, self.queue = given.messages, given.prompt_queue
        self.earlier, self.answered = given.earlier, given.answered
        self.busy, self.ending, self.closed = True, False, False
        self._decisions = given.decisions
        self._accepted = {**given.accepted}
        self._carried = len(given.messages)
        self._bytes_added = 0
        self._in_turn = False

    @property
    def is_new(self) -> bool:
        """Whether there are no messages yet, in this run or an earlier one."""
        return not self.messages and self.summary is None

    def has_added(self, messages: int, size: int) -> bool:
        """Return whether this run has added this many messages, or this many bytes of them."""
        return len(self.messages) - self._carried >= messages or self._bytes_added >= size

    def check_prompt(self, prompt: str) -> None:
        """Check that a prompt can be accepted, or that the current update is a resent one.

        Raises:
            PromptRejected: The conversation has ended, or the queue is full.
            InvalidInput: The prompt is blank, too long, or not valid Unicode.
        """
        if recall(self._accepted) is not None:
            return
        if self.ending or self.closed:
            raise PromptRejected("ConversationEnded", ENDED)
        if len(self.queue) >= MAX_QUEUED:
            raise PromptRejected("TooManyPrompts", f"{MAX_QUEUED} prompts are queued already")
        validate_prompt(prompt)

    def accept(self, prompt: str) -> int:
        """Queue a prompt; return its number: it is processed once `answered` reaches it.

        Raises:
            PromptRejected, InvalidInput: See `check_prompt`.
        """
        self.check_prompt(prompt)
        if number := recall(self._accepted):
            return number
        self.queue = [*self.queue, prompt]
        return remember(self._accepted, self.answered + self._in_turn + len(self.queue))

    def start_turn(self) -> None:
        """Move the next prompt from the queue to the messages."""
        [prompt, *self.queue] = self.queue
        self._in_turn = True
        self.add("user", prompt)

    def finish_turn(self) -> None:
        """Count the turn's prompt as processed."""
        self._in_turn = False
        self.answered += 1

    def add(
        self, actor: Actor, text: str, error: str | None = None, decision: Decision | None = None
    ) -> None:
        """Add a message."""
        message = Message(actor=actor, text=clip(text), error=error, decision=decision)
        self._bytes_added += encoded_size(message)
        self.messages = [*self.messages, message]

    def add_decision(self, decision: Decision) -> None:
        """Add a decision. Its text has no argument values, since models read it."""
        self.add("system", RECORDS[decision.verdict].format(decision.tool), decision=decision)

    def close(self) -> None:
        """End the conversation; report the prompts that were not answered."""
        last = self.messages[-1].decision if self.messages else None
        cancelled = last is not None and last.verdict == "cancelled"
        if self._in_turn and not cancelled:  # a cancelled call is the answer to its prompt
            self.add("system", f"{ENDED} The last prompt was not answered.", "ConversationEnded")
        if self._in_turn:
            self.finish_turn()
        for prompt in self.queue:
            self.add("user", prompt)
            self.add("system", f"{ENDED} This was not answered.", "ConversationEnded")
        self.answered += len(self.queue)
        self.queue, self.closed = [], True

    def to_model_input(self, notes: Iterable[str] = ()) -> list[TResponseInputItem]:
        """Return the input of a model call: summary, last messages, and notes for this call.

        Decisions that let a tool run are left out: the tool's result follows them.
        """
        shown = [message for message in self.messages if not _let_tool_run(message)]
        items = [_item(ROLES[message.actor], message.text) for message in _last_fitting(shown)]
        if self.summary:
            items.insert(0, _item("assistant", f"Summary of what was said before: {self.summary}"))
        return [*items, *(_item("developer", note) for note in notes)]

    def history(self, step: ToolData | None) -> ConversationHistory:
        """Return the conversation. Every field is set: the converter leaves out unset ones."""
        return ConversationHistory(
            goal=self.goal,
            summary=self.summary,
            messages=self.messages,
            tool_data=step,
            activity=self._status(step),
            queued=len(self.queue),
            earlier=self.earlier,
            answered=self.answered,
            decisions=self._decisions,
        )

    def for_next_run(self, step: ToolData | None, decided: dict[str, ToolData]) -> CombinedInput:
        """Return the argument of the next run."""
        dropped = self.messages[:-MAX_CARRIED_MESSAGES]
        decisions = [*self._decisions, *(message for message in dropped if message.decision)]
        params = ToolParams(
            conversation_summary=self.summary,
            prompt_queue=self.queue,
            messages=self.messages[-MAX_CARRIED_MESSAGES:],
            decisions=decisions[-MAX_DECISIONS:],
            tool_data=step,
            earlier=self.earlier + len(dropped),
            answered=self.answered,
            accepted=self._accepted,
            decided=decided,
        )
        return CombinedInput(tool_params=params, agent_goal=self.goal)

    def _status(self, step: ToolData | None) -> ConversationStatus:
        if self.closed:
            return ConversationStatus.ENDED
        if step and step.state is StepState.WAITING:
            return ConversationStatus.CONFIRMING
        if step and step.state is StepState.RUNNING:
            return ConversationStatus.RUNNING
        busy = self.busy or self.queue
        return ConversationStatus.THINKING if busy else ConversationStatus.IDLE


def validate_start(start: CombinedInput) -> None:
    """Check the argument of a first run.

    Raises:
        InvalidInput: It is too large, or has an invalid prompt or a pending step.
    """
    params = start.tool_params
    if len(params.prompt_queue) > MAX_QUEUED:
        found = len(params.prompt_queue)
        raise InvalidInput(f"prompt_queue has {found} prompts; the limit is {MAX_QUEUED}")
    for prompt in params.prompt_queue:
        validate_prompt(prompt, "a prompt of prompt_queue")
    if params.tool_data and params.tool_data.state in (StepState.WAITING, StepState.RUNNING):
        raise InvalidInput("tool_data is a pending step; a conversation starts without one")
    if (size := encoded_size(start)) > MAX_START_BYTES:
        raise InvalidInput(f"the start is {size:,} bytes as JSON; the limit is {MAX_START_BYTES:,}")


def _let_tool_run(message: Message) -> bool:
    return message.decision is not None and message.decision.verdict != "cancelled"


def _last_fitting(messages: Sequence[Message]) -> Sequence[Message]:
    """Return the last messages, as many as fit into `MAX_CONTEXT_BYTES`, and at least one."""
    size = 0
    for count, message in enumerate(reversed(messages)):
        size += encoded_size(message.text)
        if size > MAX_CONTEXT_BYTES and count:
            return messages[-count:]
    return messages


def _item(role: Role, text: str) -> TResponseInputItem:
    return {"role": role, "content": text}
