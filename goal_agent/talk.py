"""What has been said, and what waits to be: the state of a conversation, without its steps."""

from temporalio.exceptions import ApplicationError

from goal_agent.models import (
    MAX_PROMPT,
    MAX_QUEUED,
    Activity,
    Actor,
    CombinedInput,
    ConversationHistory,
    Decision,
    Message,
    StepState,
    ToolData,
    ToolParams,
    Verdict,
)
from goal_agent.receipts import recall, remember
from goal_agent.sizes import MAX_START_BYTES, MAX_TEXT_BYTES, clip, encoded_size

WORD_FOR_WORD = 20
"""So many messages the next run is given as they were: flight numbers must survive a summary."""

MAX_DECISIONS = 50
"""So many decisions the next run is given besides."""

ENDED = "The conversation has ended."

RECORDS: dict[Verdict, str] = {
    "confirmed": "{} was confirmed.",
    "cancelled": "{} was not confirmed, and not run.",
    "automatic": "{} runs without confirmation.",
}


class PromptRejected(ApplicationError):
    """A prompt that cannot be taken; its type says why, and nothing is recorded."""

    def __init__(self, type: str, message: str) -> None:
        super().__init__(message, type=type, non_retryable=True)


class Talk:
    """A conversation. It changes only between two awaits, so it is never half changed.

    Args:
        start: Where an earlier run, or whoever started this one, has left off.
    """

    def __init__(self, start: CombinedInput) -> None:
        given = start.tool_params
        self.goal, self.summary = start.agent_goal, given.conversation_summary
        self.messages, self.queue = given.messages, given.prompt_queue
        self.earlier, self.answered = given.earlier, given.answered
        self.busy, self.ending, self.over = True, False, False
        self._decisions = given.decisions
        self._accepted = {**given.accepted}
        self._carried = len(given.messages)
        self._bytes_added = 0
        self._in_turn = False

    @property
    def is_new(self) -> bool:
        """Whether nothing has been said."""
        return not self.messages and self.summary is None

    @property
    def has_news(self) -> bool:
        """Whether the user has said something, or someone wants the end."""
        return bool(self.queue) or self.ending

    def has_added(self, messages: int, size: int) -> bool:
        """Return whether this run has added so many messages, or so many bytes of them."""
        return len(self.messages) - self._carried >= messages or self._bytes_added >= size

    def check(self, prompt: str) -> None:
        """Check that a prompt can be taken, or that the current update has brought it already.

        Raises:
            PromptRejected: It cannot.
        """
        if recall(self._accepted) is not None:
            return
        if self.ending or self.over:
            raise PromptRejected("ConversationEnded", ENDED)
        if len(self.queue) >= MAX_QUEUED:
            raise PromptRejected("TooManyPrompts", f"{MAX_QUEUED} prompts are queued already")
        if problem := problem_of(prompt):
            raise PromptRejected("InvalidInput", f"text {problem}")

    def accept(self, prompt: str) -> int:
        """Queue a prompt; return its number: it is dealt with once `answered` is as high.

        Raises:
            PromptRejected: It cannot be taken.
        """
        self.check(prompt)
        if number := recall(self._accepted):
            return number
        self.queue = [*self.queue, prompt]
        return remember(self._accepted, self.answered + self._in_turn + len(self.queue))

    def begin_turn(self) -> None:
        """Take the next prompt from the queue: from here on the agent deals with it."""
        [prompt, *self.queue] = self.queue
        self._in_turn = True
        self.say("user", prompt)

    def finish_turn(self) -> None:
        """Count the prompt as dealt with."""
        self._in_turn = False
        self.answered += 1

    def say(
        self, actor: Actor, text: str, error: str | None = None, decision: Decision | None = None
    ) -> None:
        """Add a message."""
        message = Message(actor=actor, text=clip(text), error=error, decision=decision)
        self._bytes_added += encoded_size(message)
        self.messages = [*self.messages, message]

    def record(self, decision: Decision) -> None:
        """Add a decision about a step. Its values are not in the text: models read that."""
        text = RECORDS[decision.verdict].format(decision.tool)
        self.say("system", text, decision=decision)

    def close(self) -> None:
        """End the conversation, and report the prompts that it leaves unanswered."""
        last = self.messages[-1].decision if self.messages else None
        cancelled = last is not None and last.verdict == "cancelled"
        if self._in_turn and not cancelled:  # to cancel the step was to know the answer
            self.say("system", f"{ENDED} The last prompt was not answered.", "ConversationEnded")
        if self._in_turn:
            self.finish_turn()
        for prompt in self.queue:
            self.say("user", prompt)
            self.say("system", f"{ENDED} This was not answered.", "ConversationEnded")
        self.answered += len(self.queue)
        self.queue, self.over = [], True

    def history(self, latest: ToolData | None) -> ConversationHistory:
        """Return all of it. Each field is set: the converter leaves out what never was."""
        return ConversationHistory(
            goal=self.goal,
            summary=self.summary,
            messages=self.messages,
            tool_data=latest,
            activity=self._activity(latest.state if latest else None),
            queued=len(self.queue),
            earlier=self.earlier,
            answered=self.answered,
            decisions=self._decisions,
        )

    def for_next_run(self, latest: ToolData | None, decided: dict[str, ToolData]) -> CombinedInput:
        """Return what the next run starts with."""
        before = self.messages[:-WORD_FOR_WORD]
        decisions = [*self._decisions, *(message for message in before if message.decision)]
        params = ToolParams(
            conversation_summary=self.summary,
            prompt_queue=self.queue,
            messages=self.messages[-WORD_FOR_WORD:],
            decisions=decisions[-MAX_DECISIONS:],
            tool_data=latest,
            earlier=self.earlier + len(before),
            answered=self.answered,
            accepted=self._accepted,
            decided=decided,
        )
        return CombinedInput(tool_params=params, agent_goal=self.goal)

    def _activity(self, step: StepState | None) -> Activity:
        if self.over:
            return Activity.ENDED
        if step is StepState.WAITING:
            return Activity.CONFIRMING
        if step is StepState.RUNNING:
            return Activity.RUNNING
        return Activity.THINKING if self.busy or self.queue else Activity.IDLE


def problem_of(prompt: str) -> str | None:
    """Return what is wrong with a prompt, if anything."""
    if not prompt.strip():
        return "is empty"
    if len(prompt) > MAX_PROMPT:
        return f"is {len(prompt):,} characters; the limit is {MAX_PROMPT:,}"
    try:
        size = encoded_size(prompt)
    except ValueError:
        return "is not valid Unicode: half of a surrogate pair is missing"
    if size > MAX_TEXT_BYTES:
        return f"is {size:,} bytes as JSON; the limit is {MAX_TEXT_BYTES:,}"
    return None


def problem_of_start(start: CombinedInput) -> str | None:
    """Return what is wrong with the argument of a first run, if anything."""
    params = start.tool_params
    if len(params.prompt_queue) > MAX_QUEUED:
        return f"prompt_queue has {len(params.prompt_queue)} prompts; the limit is {MAX_QUEUED}"
    for prompt in params.prompt_queue:
        if problem := problem_of(prompt):
            return f"a prompt of prompt_queue {problem}"
    if params.tool_data and params.tool_data.state in (StepState.WAITING, StepState.RUNNING):
        return "tool_data is a pending step; a conversation starts without one"
    if (size := encoded_size(start)) > MAX_START_BYTES:
        return f"the start is {size:,} bytes as JSON; the limit is {MAX_START_BYTES:,}"
    return None
