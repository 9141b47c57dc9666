"""Types that the workflow, its agents, its tools, and the API exchange."""

from durable_agents import encoded_size

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    NonNegativeInt,
    StringConstraints,
    field_validator,
)

from goal_agent.limits import (
    ELLIPSIS,
    MAX_CARRIED_MESSAGES,
    MAX_DECISIONS,
    MAX_PROMPT,
    MAX_QUEUED,
    MAX_RECEIPTS,
    MAX_TEXT,
    MAX_TEXT_BYTES,
)


def check_size(text: str) -> str:
    """Return `text`; raise ValueError if it is larger than `MAX_TEXT_BYTES`."""
    if (size := encoded_size(text)) > MAX_TEXT_BYTES:
        raise ValueError(f"{size:,} bytes as JSON; the limit is {MAX_TEXT_BYTES:,}")
    return text


Prompt = Annotated[
    str,
    StringConstraints(min_length=1, max_length=MAX_PROMPT, pattern=r"\S"),
    AfterValidator(check_size),
]
"""A message of the user."""

Text = Annotated[str, StringConstraints(max_length=MAX_TEXT + len(ELLIPSIS))]
Actor = Literal["user", "agent", "tool", "system"]
Role = Literal["user", "assistant", "developer"]
Verdict = Literal["confirmed", "cancelled", "automatic"]


class Decision(BaseModel):
    """A decision about a tool call, with the exact arguments."""

    step_id: str
    tool: str
    args: dict[str, JsonValue]
    verdict: Verdict = Field(description="automatic: no confirmation was needed")

    @property
    def text(self) -> str:
        """The decision as a sentence, without argument values: models read it."""
        sentences: dict[Verdict, str] = {
            "confirmed": f"{self.tool} was confirmed.",
            "cancelled": f"{self.tool} was not confirmed, and not run.",
            "automatic": f"{self.tool} runs without confirmation.",
        }
        return sentences[self.verdict]


class Message(BaseModel):
    """A line of the conversation."""

    actor: Actor = Field(description="system: a note of the workflow itself")
    text: Text
    error: str | None = Field(default=None, description="The error type of a failed turn")
    decision: Decision | None = Field(default=None, description="The decision this line records")

    @property
    def role(self) -> Role:
        """The role in the input of a model call. Text of a user never gets another role."""
        roles: dict[Actor, Role] = {"user": "user", "agent": "assistant"}
        return roles.get(self.actor, "developer")

    @property
    def was_cancelled(self) -> bool:
        """Whether this line records that a tool call was cancelled."""
        return self.decision is not None and self.decision.verdict == "cancelled"


class StepState(StrEnum):
    """The state of a tool call."""

    WAITING = "waiting"  # for confirmation
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"  # by the user, by another prompt, or by the end


class ToolData(BaseModel):
    """A step: one call of a tool, from proposal to result."""

    step_id: str = Field(description="A confirmation is valid for this step only")
    tool: str
    args: dict[str, JsonValue] = Field(description="Validated; the tool runs with exactly these")
    state: StepState
    result: str | None = Field(default=None, description="The tool's result, or its error")


class ToolParams(BaseModel):
    """The initial state of a conversation, or the state carried over from its previous run."""

    conversation_summary: Text | None = None  # of earlier runs, in two sentences
    prompt_queue: list[Prompt] = Field(default=[], max_length=MAX_QUEUED)
    messages: list[Message] = Field(default=[], max_length=MAX_CARRIED_MESSAGES)
    decisions: list[Message] = Field(default=[], max_length=MAX_DECISIONS)  # before `messages`
    tool_data: ToolData | None = None  # the latest step
    earlier: NonNegativeInt = 0  # messages before `messages`
    answered: NonNegativeInt = 0  # prompts processed so far
    # Results of recent updates by update id: a resent update gets the first one's.
    accepted: dict[str, int] = Field(default={}, max_length=MAX_RECEIPTS)
    decided: dict[str, ToolData] = Field(default={}, max_length=MAX_RECEIPTS)

    @field_validator("tool_data")
    @classmethod
    def _is_finished(cls, step: ToolData | None) -> ToolData | None:
        if step and step.state in (StepState.WAITING, StepState.RUNNING):
            raise ValueError("a pending step; a run starts without one")
        return step

    def for_next_run(self) -> "ToolParams":
        """Return everything but the oldest messages; of those, only the decisions."""
        dropped = self.messages[:-MAX_CARRIED_MESSAGES]
        decisions = [*self.decisions, *(message for message in dropped if message.decision)]
        kept = {
            "messages": self.messages[-MAX_CARRIED_MESSAGES:],
            "decisions": decisions[-MAX_DECISIONS:],
            "earlier": self.earlier + len(dropped),
        }
        return ToolParams.model_validate({**dict(self), **kept})  # with every field set


class CombinedInput(BaseModel):
    """The argument of the workflow."""

    tool_params: ToolParams = Field(default_factory=ToolParams)
    agent_goal: str = Field(description="The id of a goal in `goals.py`")


class AgentGoal(BaseModel):
    """A goal, as registered in `goals.py`."""

    model_config = ConfigDict(extra="forbid")

    id: str
    name: str
    description: str  # one line, for the goal picker
    instructions: str  # for the planner
    tools: list[str]  # names in the toolbox
    starter: str  # the agent's greeting
    example_prompts: list[str]  # a typical conversation, prompt by prompt


class ToolInfo(BaseModel):
    """A tool, as described to the planner."""

    name: str
    description: str
    arguments: dict[str, JsonValue] = Field(description="JSON schema")


class Instructions(BaseModel):
    """The instructions of the agents that work toward a goal."""

    validator: str
    planner: str
    summarizer: str


class Settings(BaseModel):
    """Settings of a run, looked up once so that replays use the same ones."""

    goal: AgentGoal
    instructions: Instructions
    show_confirm: bool = Field(description="Also ask before running tools that spend no money")
    max_messages: int = Field(ge=1, description="Messages in a run before it continues as new")


class ValidationResult(BaseModel):
    """The validator's output."""

    valid: bool = Field(description="Whether the prompt belongs to the goal")
    reason: str = Field(description="If invalid: the reason, for the user; else empty")


class Argument(BaseModel):
    """A tool argument. A strict schema does not allow an object with arbitrary keys."""

    name: str
    value: str | None = Field(description="As text; null if the user has not said")


class NextStep(BaseModel):
    """The planner's output."""

    next: Literal["question", "confirm", "done"] = Field(
        description="Ask the user, call a tool, or finish: the goal is reached or given up"
    )
    tool: str | None = Field(description="For confirm: the tool's name")
    args: list[Argument] = Field(description="For confirm: the tool's arguments")
    response: str = Field(description="The message to the user")

    @property
    def message(self) -> str:
        """The response, or a default one: a model may leave it empty."""
        defaults = {
            "question": "What would you like to do next?",
            "confirm": "Shall I run this?",
            "done": "That's all, then.",
        }
        return self.response or defaults[self.next]


class CheckedStep(BaseModel):
    """The result of validating a proposal: valid arguments, missing ones, or a problem."""

    args: dict[str, JsonValue] = Field(default={}, description="Valid arguments")
    missing: list[str] = Field(default=[], description="Arguments to ask the user for")
    problem: str | None = Field(default=None, description="What is wrong, for the planner")
    spends: bool = Field(default=False, description="Whether the tool spends money")


class ToolRun(BaseModel):
    """The argument of every tool's activity."""

    args: dict[str, JsonValue]
    idempotency_key: str = Field(description="The same in every attempt, unique to the step")


class ConversationStatus(StrEnum):
    """What the conversation is doing or waiting for."""

    IDLE = "idle"  # the user's turn
    THINKING = "thinking"
    CONFIRMING = "waiting for confirmation"
    RUNNING = "running a tool"
    ENDED = "ended"


class ConversationHistory(BaseModel):
    """The whole conversation: the history query's result, and the workflow's."""

    goal: str
    summary: str | None = Field(description="A summary of what came before these messages")
    messages: list[Message]
    tool_data: ToolData | None = Field(description="The latest step")
    activity: ConversationStatus
    queued: int = Field(description="Number of prompts in the queue")
    earlier: int = Field(default=0, description="Number of messages before these")
    answered: int = Field(default=0, description="Number of prompts processed so far")
    decisions: list[Message] = Field(
        default=[], description="Decisions before these messages, the latest 50"
    )
