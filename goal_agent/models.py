"""Types that the workflow, its agents, its tools, and the API exchange."""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, NonNegativeInt

Actor = Literal["user", "agent", "tool", "system"]
Verdict = Literal["confirmed", "cancelled", "automatic"]


class Decision(BaseModel):
    """A decision about a tool call, with the exact arguments."""

    step_id: str
    tool: str
    args: dict[str, JsonValue]
    verdict: Verdict = Field(description="automatic: no confirmation was needed")


class Message(BaseModel):
    """A line of the conversation."""

    actor: Actor = Field(description="system: a note of the workflow itself")
    text: str
    error: str | None = Field(default=None, description="The error type of a failed turn")
    decision: Decision | None = Field(default=None, description="The decision this line records")


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

    conversation_summary: str | None = None  # of earlier runs, in two sentences
    prompt_queue: list[str] = []
    messages: list[Message] = []  # the latest, verbatim
    decisions: list[Message] = []  # those before `messages`
    tool_data: ToolData | None = None  # the latest step
    earlier: NonNegativeInt = 0  # messages before `messages`
    answered: NonNegativeInt = 0  # prompts processed so far
    accepted: dict[str, int] = {}  # numbers of recent prompts, by update id
    decided: dict[str, ToolData] = {}  # recently decided steps, by update id


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


class Settings(BaseModel):
    """Settings of a run, looked up once so that replays use the same ones."""

    goal: AgentGoal
    tools: list[ToolInfo]
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
