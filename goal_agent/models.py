"""What the workflow, its agents, its tools, and the API hand each other."""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

MAX_PROMPT = 2000  # characters
MAX_QUEUED = 20  # prompts that wait for their turn

Actor = Literal["user", "agent", "tool", "system"]
Verdict = Literal["confirmed", "cancelled", "automatic"]


class ToolParams(BaseModel):
    """What a conversation starts with; all of it is what an earlier run of it hands over."""

    conversation_summary: str | None = Field(
        default=None, description="What was said in earlier runs, in two sentences"
    )
    prompt_queue: list[str] = Field(default=[], description="What the user has said already")
    messages: list["Message"] = Field(default=[], description="The last ones, word for word")
    decisions: list["Message"] = Field(default=[], description="Decisions before these messages")
    tool_data: "ToolData | None" = Field(default=None, description="The latest step")
    earlier: int = Field(default=0, ge=0, description="Messages before these")
    answered: int = Field(default=0, ge=0, description="Prompts dealt with so far")
    accepted: dict[str, int] = Field(
        default={}, description="Numbers of recent prompts, by the id of their update"
    )
    decided: dict[str, "ToolData"] = Field(
        default={}, description="Recently decided steps, by the id of their update"
    )


class CombinedInput(BaseModel):
    """The argument of the workflow."""

    tool_params: ToolParams = Field(default_factory=ToolParams)
    agent_goal: str = Field(description="The id of a goal of the registry")


class Decision(BaseModel):
    """What was decided about a step, and its exact arguments."""

    step_id: str
    tool: str
    args: dict[str, JsonValue]
    verdict: Verdict = Field(description="automatic: it ran without confirmation")


class Message(BaseModel):
    """A line of the conversation."""

    actor: Actor = Field(description="system: what the workflow itself has to say")
    text: str
    error: str | None = Field(default=None, description="The type of what made a turn fail")
    decision: Decision | None = Field(default=None, description="The decision this line records")


class StepState(StrEnum):
    """What has become of a step."""

    WAITING = "waiting"  # for its confirmation
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"  # by the user, or since the user said something else instead


class ToolData(BaseModel):
    """A step: one run of a tool, proposed, confirmed, and done."""

    step_id: str = Field(description="A confirmation names it, and counts for no other")
    tool: str
    args: dict[str, JsonValue] = Field(description="Checked, and exactly what runs")
    state: StepState
    result: str | None = Field(default=None, description="What the tool returned, or its error")


class AgentGoal(BaseModel):
    """What an agent is there for: an entry of the registry in `goals.py`."""

    model_config = ConfigDict(extra="forbid")

    id: str
    name: str
    description: str = Field(description="One line, for whoever picks a goal")
    instructions: str = Field(description="How the agent gets there")
    tools: list[str] = Field(description="What it may use, by the names in the toolbox")
    starter: str = Field(description="How it greets")
    example_prompts: list[str] = Field(description="What a user may say, from first to last")


class ToolInfo(BaseModel):
    """What the planner is told of a tool."""

    name: str
    description: str
    arguments: dict[str, JsonValue] = Field(description="Their JSON schema")


class Settings(BaseModel):
    """What a run goes by from its first line to its last, whatever changes on the worker."""

    goal: AgentGoal
    tools: list[ToolInfo]
    show_confirm: bool = Field(description="Ask also before tools that spend nothing")
    max_messages: int = Field(ge=1, description="So many, and the run is continued as a new one")


class ValidationResult(BaseModel):
    """What the validator says to a prompt."""

    valid: bool = Field(description="Whether the prompt belongs to the goal")
    reason: str = Field(description="Where it does not: what to tell the user; else empty")


class Argument(BaseModel):
    """An argument of a tool. A strict schema allows no object with keys of the tool's choice."""

    name: str
    value: str | None = Field(description="As text; null if the user has not said")


class NextStep(BaseModel):
    """What the planner wants to do next."""

    next: Literal["question", "confirm", "done"] = Field(
        description="Ask the user, use a tool, or end: the goal is reached or given up"
    )
    tool: str | None = Field(description="For confirm: its name")
    args: list[Argument] = Field(description="For confirm: the arguments of the tool")
    response: str = Field(description="What to say to the user")


class Proposal(BaseModel):
    """A step of the planner's that is to be checked."""

    tool: str | None
    args: list[Argument]


class CheckedStep(BaseModel):
    """What a check found out: the arguments are good, some are missing, or something is wrong."""

    args: dict[str, JsonValue] = Field(description="As the tool takes them")
    missing: list[str] = Field(description="What the user must still be asked for")
    problem: str | None = Field(description="What is wrong, for the planner")
    spends: bool = Field(description="Whether the tool spends money")


class ToolRun(BaseModel):
    """The argument of every tool's activity."""

    args: dict[str, JsonValue]
    idempotency_key: str = Field(description="The same in every attempt at a step, and only there")


class Activity(StrEnum):
    """What the agent is doing."""

    IDLE = "idle"  # the user's turn
    THINKING = "thinking"
    CONFIRMING = "waiting for confirmation"
    RUNNING = "running a tool"
    ENDED = "ended"


class ConversationHistory(BaseModel):
    """All of a conversation, as its page shows it; also the workflow's result."""

    goal: str
    summary: str | None = Field(description="What was said before these messages")
    messages: list[Message]
    tool_data: ToolData | None = Field(description="The latest step")
    activity: Activity
    queued: int = Field(description="Prompts that wait for their turn")
    earlier: int = Field(
        default=0, description="Messages before these: of them there is only the summary"
    )
    answered: int = Field(default=0, description="Prompts dealt with since the conversation began")
    decisions: list[Message] = Field(
        default=[], description="Decisions before these messages, the latest 50"
    )
