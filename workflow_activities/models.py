"""What the workflow, its activities and its callers hand each other."""

import re
from typing import Literal

from pydantic import BaseModel, Field

TASK_ID = re.compile(r"[\w.-]{1,100}", re.ASCII)

Kind = Literal["save", "notification", "batch"]


class Turn(BaseModel):
    """One message and what became of it: a reply, or an error that is the record of the failure."""

    number: int = Field(ge=1)
    message: str
    reply: str | None = None
    error: str | None = None


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
