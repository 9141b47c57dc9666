"""Budgets, the calls that spend them, and the bill."""

from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Self

from pydantic import BaseModel, Field, model_validator

Tokens = Annotated[int, Field(gt=0, le=10_000_000_000)]
Dollars = Annotated[Decimal, Field(gt=0, le=1_000_000, decimal_places=6)]
Duration = Annotated[timedelta, Field(gt=timedelta(), le=timedelta(days=30))]


class Limits(BaseModel):
    """What a tree of workflows may spend. Time counts from `Budget.spend()`, pauses included."""

    max_tokens: Tokens
    max_cost: Dollars
    max_time: Duration

    def __str__(self) -> str:
        return f"{self.max_tokens:,} tokens, ${self.max_cost:f}, {self.max_time}"


class PlannedCall(BaseModel):
    """A model call before it is made: its caller, and an estimate of its maximum tokens."""

    budget: str
    id: str
    workflow_id: str
    agent: str
    model: str | None = Field(description="None for the worker's default model")
    input_tokens: int
    output_tokens: int


class CallUsage(BaseModel):
    """The tokens of one answered call, as the model's provider counted them.

    Attributes:
        cached_tokens: The part of the input tokens that was read from the provider's cache.
        cache_write_tokens: The part of the input tokens that was written to it.
    """

    input_tokens: Annotated[int, Field(ge=0, le=1_000_000_000)]
    output_tokens: Annotated[int, Field(ge=0, le=1_000_000_000)]
    cached_tokens: Annotated[int, Field(ge=0)] = 0
    cache_write_tokens: Annotated[int, Field(ge=0)] = 0

    @model_validator(mode="after")
    def _check_parts(self) -> Self:
        if self.cached_tokens + self.cache_write_tokens > self.input_tokens:
            raise ValueError("more cached tokens than input tokens")
        return self


class BudgetState(BaseModel):
    """A budget after a change.

    Attributes:
        version: Grows with each change.
        tokens: Tokens that are spent or reserved.
        cost: Dollars that are spent or reserved.
        in_flight: Calls that are reserved and may still turn out cheaper.
        waiting: Calls that do not fit into what is left, or did not when they asked.
        needed_tokens: The most tokens that one of them may take.
        wake: The other workflows with a waiting call that fits now.
        wakes_caller: Whether the workflow that made the change has one.
    """

    version: int
    max_tokens: int
    max_cost: Decimal
    tokens: int
    cost: Decimal
    in_flight: int
    waiting: int
    needed_tokens: int
    wake: list[str]
    wakes_caller: bool

    @property
    def is_exhausted(self) -> bool:
        """Whether calls wait that only a larger budget lets continue."""
        return self.waiting > 0 and not (self.in_flight or self.wake or self.wakes_caller)

    def __str__(self) -> str:
        tokens = f"{self.tokens:,} of {self.max_tokens:,} tokens"
        return f"{tokens} and ${self.cost:f} of ${self.max_cost:f}"


class Reservation(BaseModel):
    """Whether a call may be made, and the budget afterwards."""

    is_granted: bool
    state: BudgetState


class BillLine(BaseModel):
    """What the calls of one agent cost.

    Attributes:
        calls: Calls with an answer, at the tokens that the provider counted.
        lost: Attempts without an answer, which may have been paid: at the estimate.
        tokens: The tokens of both.
        cost: The dollars of both.
        lost_tokens: The part of `tokens` that is an estimate.
    """

    agent: str
    calls: int
    lost: int
    tokens: int
    lost_tokens: int
    cost: Decimal


class Bill(BaseModel):
    """What a tree of workflows has spent, by agent."""

    lines: list[BillLine]

    @property
    def tokens(self) -> int:
        """All tokens."""
        return sum(line.tokens for line in self.lines)

    @property
    def cost(self) -> Decimal:
        """All dollars."""
        return sum((line.cost for line in self.lines), Decimal())


class ResearchReport(BaseModel):
    """The report, or the findings so far if the budget ended first, and the bill."""

    report: str
    is_complete: bool
    unanswered: list[str] = Field(description="The questions without a finding")
    bill: Bill
