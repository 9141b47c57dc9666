"""What the workflow, its activities and its callers hand each other."""

from durable_agents import root_cause

import re
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, Field
from temporalio.exceptions import ApplicationError

from workflow_activities.limits import MAX_ERROR_LENGTH, MAX_MESSAGE_LENGTH, MAX_TYPE_LENGTH

TASK_ID = re.compile(r"[\w.-]{1,100}", re.ASCII)
UNSTORABLE = re.compile("[\0\ud800-\udfff]")  # not text for PostgreSQL, or not for UTF-8

Kind = Literal["save", "notification", "batch"]


def storable(text: str) -> str:
    """Return `text` with NUL characters and lone surrogates replaced by U+FFFD."""
    return UNSTORABLE.sub("\ufffd", text)


def problem_with(message: str) -> str | None:
    """Return why a message cannot be sent; None if it can."""
    if not message.strip():
        return "text is empty"
    if len(message) > MAX_MESSAGE_LENGTH:
        return f"text is {len(message):,} characters; the limit is {MAX_MESSAGE_LENGTH:,}"
    return None


Text = Annotated[str, BeforeValidator(lambda it: storable(it) if isinstance(it, str) else it)]


class Failure(BaseModel):
    """Why a turn has no reply: the type and message of an error, both of bounded length."""

    type: Text
    message: Text

    @classmethod
    def of(cls, error: BaseException) -> "Failure":
        """Return the root cause of a failed agent run or activity."""
        cause = root_cause(error)
        return cls(type=cause.type[:MAX_TYPE_LENGTH], message=cause.message[:MAX_ERROR_LENGTH])

    def to_error(self) -> ApplicationError:
        """Return the error that the caller gets."""
        return ApplicationError(self.message, type=self.type, non_retryable=True)

    def __str__(self) -> str:
        return f"{self.type}: {self.message}"


class Turn(BaseModel):
    """One message and what became of it: a reply, or an error that is the record of the failure."""

    number: int = Field(ge=1)
    message: Text
    reply: Text | None = None
    error: Text | None = None


class Step(BaseModel):
    """Something to do after a turn, or after every third."""

    kind: Kind
    number: int = Field(description="of the turn, or of the batch")
    turns: list[Turn] = Field(min_length=1)


class Event(BaseModel):
    """What became of a step."""

    kind: Kind
    number: int = Field(description="of the turn, or of the batch")
    outcome: Literal["done", "failed"]
    detail: str


class Report(BaseModel):
    """A conversation in numbers: those of turns and batches as the database has them."""

    task_id: str
    turns: int = Field(description="saved, failed ones among them")
    failed_turns: int = Field(description="without a reply")
    batches: int
    words: int = Field(description="of the batches' messages and replies")
    notifications_sent: int
    notifications_failed: int
