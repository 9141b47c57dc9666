"""Trips: the agent's answer, the progress of the bookings, and the report."""

from pydantic import BaseModel, Field

from side_effects.saga import Entry


class TripAnswer(BaseModel):
    """The agent's answer."""

    is_complete: bool = Field(description="Whether everything that was asked for is booked")
    message: str = Field(description="What is booked, or why it cannot be")


class TripProgress(BaseModel):
    """What was booked and undone so far, and what a person must decide on."""

    journal: list[Entry]
    stuck: list[Entry] = Field(description="Bookings that could not be cancelled")


class TripReport(BaseModel):
    """A trip of which everything is booked, or nothing."""

    is_booked: bool
    message: str
    journal: list[Entry]
    statement: list[str] | None = Field(
        description="The provider's ledger of this trip, in order; None if it could not be read"
    )
