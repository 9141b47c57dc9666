"""What the workflow, its agents, its tools, and the API hand each other."""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, Field, JsonValue

MAX_PROMPT = 2000  # characters
MAX_QUEUED = 20  # prompts that wait for their turn

Actor = Literal["user", "agent", "tool", "system"]


class ToolParams(BaseModel):
    """What a conversation starts with; all of it is what an earlier run of it hands over."""

    conversation_summary: str | None = Field(
        default=None, description="What was said in earlier runs, in two sentences"
    )
    prompt_queue: list[str] = Field(default=[], description="What the user has said already")


class CombinedInput(BaseModel):
    """The argument of the workflow."""

    tool_params: ToolParams = Field(default_factory=ToolParams)
    agent_goal: str = Field(description="The id of a goal of the registry")


class Message(BaseModel):
    """A line of the conversation."""

    actor: Actor = Field(description="system: what the workflow itself has to say")
    text: str
    error: str | None = Field(default=None, description="The type of what made a turn fail")


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
