"""Sub-agents and fleets: what they report, and what a fleet passes on to its next run."""

from datetime import timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

MAX_STEPS = 20  # reports of one sub-agent

ParentClosePolicyName = Literal["terminate", "request_cancel", "abandon"]


class Findings(BaseModel):
    """A researcher's answer."""

    found: bool = Field(description="Whether the tool had facts about what the task asks for")
    text: str = Field(description="The findings in a few sentences, or what is missing")


class StepReport(BaseModel):
    """A step of a sub-agent, as reported to its parent."""

    agent_id: str = Field(max_length=1_000, description="The id of the child workflow")
    step: str = Field(max_length=100)


class SubAgent(BaseModel):
    """The state of a sub-agent, as recorded by its parent."""

    id: str = Field(description="The id of the child workflow")
    name: str
    task: str
    steps: list[str]
    outcome: str = Field(description="'running', 'completed', or why there is no result")


class FleetState(BaseModel):
    """The settings of a fleet, and what it passes on to its next run; nothing runs in between."""

    model_config = ConfigDict(frozen=True)

    child_timeout: timedelta = Field(
        default=timedelta(minutes=15),
        ge=timedelta(seconds=1),
        le=timedelta(days=7),
        description="Time for a sub-agent, including time in which no worker is up",
    )
    items_per_run: int = Field(default=100, ge=1, le=150, description="Limits a run's history")
    next_item: int = Field(default=1, ge=1)
    results: dict[int, str] = {}
    failures: dict[int, str] = {}
    runs: int = Field(default=1, ge=1, description="Number of the run that continues from this")


class FleetProgress(BaseModel):
    """The progress of a fleet over all of its runs."""

    items: int
    done: int
    failed: int
    running: int
    runs: int


class FleetReport(BaseModel):
    """The result of a fleet: each item has either a result or the reason of its failure."""

    results: dict[int, str]
    failures: dict[int, str]
    runs: int
