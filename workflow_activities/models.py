"""Messages between the workflow, its activities, and its clients."""

from durable_agents import root_cause

import re
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, Field
from temporalio.exceptions import ApplicationError

from workflow_activities.limits import MAX_ERROR_LENGTH, MAX_TYPE_LENGTH

TASK_ID = re.compile(r"[\w.-]{1,100}", re.ASCII)
UNSTORABLE = re.compile("[\0\ud800-\udfff]")  # invalid in PostgreSQL, or in UTF-8

Kind = Literal["save", "notification", "batch"]
KINDS: tuple[Kind, Kind, Kind] = ("save", "notification", "batch")


def storable(text: str) -> str:
    """Return `text` with NUL characters and lone surrogates replaced by U+FFFD."""
    return UNSTORABLE.sub("\ufffd", text)


Text = Annotated[str, BeforeValidator(lambda it: storable(it) if isinstance(it, str) else it)]


class Failure(BaseModel):
    """The reason a turn has no reply: an error's type and message, limited in length."""

    type: Text
    message: Text

    @classmethod
    def of(cls, error: BaseException) -> "Failure":
        """Return the root cause of a failed agent run or activity."""
        cause = root_cause(error)
        return cls(type=cause.type[:MAX_TYPE_LENGTH], message=cause.message[:MAX_ERROR_LENGTH])

    def to_error(self) -> ApplicationError:
        """Return the error for the caller."""
        return ApplicationError(self.message, type=self.type, non_retryable=True)

    def __str__(self) -> str:
        return f"{self.type}: {self.message}"


CANCELLED = Failure(type="Cancelled", message="the conversation was cancelled")


class Turn(BaseModel):
    """A message with its reply, or with the error that records its failure."""

    number: int = Field(ge=1)
    message: Text
    reply: Text | None = None
    error: Text | None = None

    @property
    def summary(self) -> str:
        """The text of the turn's notification."""
        if self.error is not None:
            return f"Turn {self.number} failed: {self.error}"
        return f"Turn {self.number} was answered: {self.reply}"


class Event(BaseModel):
    """The outcome of a step that follows a turn."""

    kind: Kind
    number: int = Field(description="number of the turn or batch")
    outcome: Literal["done", "failed"]
    detail: str


class Report(BaseModel):
    """Counts for a conversation; turns and batches are counted in the database."""

    task_id: str
    turns: int = Field(description="saved turns, including failed ones")
    failed_turns: int = Field(description="turns without a reply")
    batches: int
    words: int = Field(description="words in the messages and replies of all batches")
    notifications_sent: int
    notifications_failed: int
