"""What has been said, and what waits to be: the state of a conversation, without its steps."""

from goal_agent.models import (
    MAX_PROMPT,
    MAX_QUEUED,
    Activity,
    Actor,
    CombinedInput,
    ConversationHistory,
    Message,
    StepState,
    ToolParams,
)
from goal_agent.steps import Steps

WORD_FOR_WORD = 20
"""So many messages the next run is given as they were: flight numbers must survive a summary."""

LONGEST_TEXT = 4000
"""Characters of a message, whoever wrote it: queries and the next run carry all of them."""


class Talk:
    """A conversation. It changes only between two awaits, so it is never half changed."""

    def __init__(self) -> None:
        """Know nothing yet: `begin` brings the state, and prompts may be here before that."""
        self.goal = ""
        self.summary: str | None = None
        self.messages: list[Message] = []
        self.queue: list[str] = []
        self.busy = True
        self.ending = False
        self.over = False
        self.earlier = self.answered = self._carried = 0

    def begin(self, start: CombinedInput) -> None:
        """Take up where an earlier run, or whoever started this one, has left off."""
        given = start.tool_params
        self.goal, self.summary = start.agent_goal, given.conversation_summary
        self.messages, self._carried = given.messages, len(given.messages)
        self.queue = [*given.prompt_queue, *self.queue]
        self.earlier, self.answered = given.earlier, given.answered

    @property
    def is_new(self) -> bool:
        """Whether nothing has been said."""
        return not self.messages and self.summary is None

    @property
    def has_news(self) -> bool:
        """Whether the user has said something, or someone wants the end."""
        return bool(self.queue) or self.ending

    @property
    def added(self) -> int:
        """How many messages this run has added."""
        return len(self.messages) - self._carried

    def why_not(self, prompt: str) -> str | None:
        """Return why a prompt cannot be taken; None if it can."""
        if self.ending:
            return "the conversation is over"
        if len(self.queue) >= MAX_QUEUED:
            return f"{MAX_QUEUED} wait already"
        return problem_of(prompt)

    def say(self, actor: Actor, text: str, error: str | None = None) -> None:
        """Add a message."""
        if len(text) > LONGEST_TEXT:
            text = f"{text[:LONGEST_TEXT]} ..."
        self.messages = [*self.messages, Message(actor=actor, text=text, error=error)]

    def history(self, steps: Steps) -> ConversationHistory:
        """Return all of it. Each field is set: the converter leaves out what never was."""
        return ConversationHistory(
            goal=self.goal,
            summary=self.summary,
            messages=self.messages,
            tool_data=steps.latest,
            activity=self._activity(steps),
            queued=len(self.queue),
            earlier=self.earlier,
            answered=self.answered,
        )

    def for_next_run(self, summary: str | None, steps: Steps) -> CombinedInput:
        """Return what the next run starts with."""
        params = ToolParams(
            conversation_summary=summary or self.summary,
            prompt_queue=self.queue,
            messages=self.messages[-WORD_FOR_WORD:],
            tool_data=steps.latest,
            earlier=self.earlier + len(self.messages[:-WORD_FOR_WORD]),
            answered=self.answered,
        )
        return CombinedInput(tool_params=params, agent_goal=self.goal)

    def _activity(self, steps: Steps) -> Activity:
        if self.over:
            return Activity.ENDED
        if steps.waiting:
            return Activity.CONFIRMING
        if steps.is_in(StepState.RUNNING):
            return Activity.RUNNING
        return Activity.THINKING if self.busy or self.queue else Activity.IDLE


def problem_of(prompt: str) -> str | None:
    """Return what is wrong with a prompt, if anything."""
    if not prompt.strip():
        return "it is empty"
    if len(prompt) > MAX_PROMPT:
        return f"it has {len(prompt)} characters, {MAX_PROMPT} are allowed"
    return None


def problem_of_start(start: CombinedInput) -> str | None:
    """Return what is wrong with the argument of a first run, if anything."""
    prompts = start.tool_params.prompt_queue
    if len(prompts) > MAX_QUEUED:
        return f"prompt_queue has {len(prompts)} prompts, {MAX_QUEUED} are allowed"
    problems = (problem_of(prompt) for prompt in prompts)
    return next((f"prompt_queue: {problem}" for problem in problems if problem), None)
