"""Arguments, results, and carried state of this topic's workflows."""

from dataclasses import dataclass, field
from typing import Literal

from pydantic import BaseModel, Field, JsonValue

Technique = Literal["query", "storage", "compression", "stock"]


class LongTurnReport(BaseModel):
    """The outcome of a turn, and how its history grew."""

    technique: Technique
    answer: str
    calls: int = Field(description="Tool calls")
    history_bytes: list[int] = Field(description="Size of the history before each model call")


@dataclass
class Inspection:
    """The context of a turn: its tools change it, and the model does not see it.

    Not a pydantic model: the agents plugin omits a model's unset fields from payloads, and a field
    whose default was only changed in place counts as unset.
    """

    urgent: list[int] = field(default_factory=list)


class TurnState(BaseModel):
    """A turn that continues in another run: what the next run needs, and the totals so far."""

    agent: str = Field(description="The agent whose model call is next")
    items: list[dict[str, JsonValue]] = Field(
        description="The conversation; each tool call has its result"
    )
    context: Inspection
    runs: int = Field(default=1, description="Workflow runs, including this one")
    turns: int = Field(default=0, description="Model calls that count toward the limit")
    tokens: int = 0


class ContinueInTurnReport(BaseModel):
    """The outcome of a turn over all of its runs."""

    answer: str
    agent: str = Field(description="The agent that answered")
    urgent: list[int]
    runs: int
    turns: int
    tokens: int = Field(description="Tokens of all agents, including nested ones")
