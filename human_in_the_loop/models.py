"""Pending tool calls, the decisions on them, and the outcome of a run."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, model_validator

MAX_NAME_LENGTH = 100  # characters
MAX_MESSAGE_LENGTH = 1_000  # characters

Verdict = Literal["approve", "edit", "reject"]

PAST_TENSE: dict[Verdict, str] = {"approve": "approved", "edit": "edited", "reject": "rejected"}


def _printable(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ValueError("it must be printable and not blank")
    return text


class PendingCall(BaseModel):
    """A tool call that needs a decision before `deadline`.

    Attributes:
        digest: Identifies the call, its tool, and its arguments. A decision repeats it.
        agent: The name of the agent that makes the call.
        arguments: JSON, as the model wrote it.
    """

    id: str
    digest: str
    tool: str
    agent: str
    arguments: str
    requested_at: datetime
    deadline: datetime


class DecisionRequest(BaseModel):
    """A person's decision on a pending call.

    Attributes:
        id: The id of the call.
        digest: The digest of the call that the person saw.
        verdict: "edit" approves the call with `edited_arguments`.
        message: Sent to the model with an edit or a rejection.
        by: The person's name: a label, not authentication.
    """

    model_config = ConfigDict(extra="forbid")

    id: str = Field(max_length=200)
    digest: str = Field(max_length=64)
    verdict: Verdict
    edited_arguments: dict[str, JsonValue] | None = None
    message: str = Field(default="", max_length=MAX_MESSAGE_LENGTH)
    by: Annotated[str, Field(max_length=MAX_NAME_LENGTH), AfterValidator(_printable)]

    @model_validator(mode="after")
    def _fits_the_verdict(self) -> Self:
        if (self.verdict == "edit") != (self.edited_arguments is not None):
            raise ValueError("edited_arguments belongs to the verdict 'edit', and only to it")
        if self.verdict == "approve" and self.message:
            raise ValueError("message belongs to the verdicts 'edit' and 'reject'")
        return self


class Decision(BaseModel):
    """A decision that was made: by a person, or by the workflow if `by` is None.

    Attributes:
        proposed_arguments: The model's arguments, as JSON.
        arguments: The arguments that ran, as JSON; None if the call was rejected.
        message: The reason, as sent to the model.
        update_id: The update that made the decision; empty if the workflow made it.
    """

    id: str
    tool: str
    agent: str
    verdict: Verdict
    proposed_arguments: str
    arguments: str | None
    message: str
    by: str | None
    at: datetime
    update_id: str

    def __str__(self) -> str:
        """Describe the decision in a few words."""
        who = f"by {self.by}" if self.by else "automatically"
        return f"{PAST_TENSE[self.verdict]} {who} at {self.at:%Y-%m-%d %H:%M:%S} UTC"


class Outcome(BaseModel):
    """The agent's answer, and every decision that was made on the way, in order."""

    answer: str
    decisions: list[Decision]

    def __str__(self) -> str:
        """Return the answer, and a line for each decision."""
        lines = [
            f"({each.tool} was {each}: {each.message or each.arguments})" for each in self.decisions
        ]
        return "\n".join([self.answer, *lines])


class PausedRun(BaseModel):
    """What one run of the workflow passes to the next.

    Attributes:
        run_state: The paused agent run, as `RunState.to_string()` wrote it.
        calls: The calls that the agent run is paused for.
        decided: The decisions on these calls so far.
        earlier: The decisions on previous calls.
    """

    run_state: str
    calls: list[PendingCall]
    decided: list[Decision]
    earlier: list[Decision]
