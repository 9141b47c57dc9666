"""State, stream, and result of a chat. Sizes are in bytes of JSON, as stored in a payload."""

from durable_agents import TooLarge, encoded_size
from durable_agents.messages import ModelInput, last_turns_within

from typing import Literal

from pydantic import BaseModel, Field

MAX_MESSAGE_LENGTH = 4_000  # characters
MAX_STREAM_BYTES = 256_000
"""Partial text of one turn. Readers get the rest with the final answer."""
MAX_ANSWER_BYTES = 256_000
MAX_TURNS_BYTES = 400_000
"""Turns that are kept for readers and for resends; the oldest are dropped."""
MAX_CONTEXT_BYTES = 128_000
"""Shown to the model; each model call records it again."""


class TextChunk(BaseModel):
    """Text of one attempt of a model call, as the worker publishes it."""

    call: str = Field(description="Id of the activity", max_length=100)
    attempt: int = Field(ge=1)
    number: int = Field(description="Position in the attempt, from 1", ge=1)
    text: str = Field(description="Empty when a later attempt starts", max_length=MAX_STREAM_BYTES)


class StreamEvent(BaseModel):
    """One entry of the stream. An answer or a failure finishes the turn of its question."""

    kind: Literal["question", "text", "answer", "failure"]
    turn: int
    text: str
    id: str = Field(default="", description="Id of the update, for a question")
    call: str = Field(default="", description="The model call, for a text")
    attempt: int = Field(default=0, description="The attempt of that call")


class Turn(BaseModel):
    """A question with its answer."""

    number: int
    id: str = Field(description="Id of the update, to recognize a resend")
    question: str
    answer: str


class StreamPage(BaseModel):
    """What a reader gets: the events from its offset on."""

    first: int = Field(description="Offset of the oldest event that is kept")
    offset: int = Field(description="Offset of the first event of this page")
    events: list[StreamEvent]
    earlier: list[Turn] | None = Field(
        default=None,
        description="All turns before the page, if it does not continue at the reader's offset",
    )
    busy: bool = Field(default=False, description="Whether a turn is in flight")
    ended: bool = False

    @property
    def end(self) -> int:
        """The offset at which the next page starts."""
        return self.offset + len(self.events)


class StreamState(BaseModel):
    """The stream that is kept: the turn in flight, and the one before it."""

    first: int = 0
    events: list[StreamEvent] = []


class ChatState(BaseModel):
    """State passed from run to run. Every field has a default, so new code reads old state."""

    turns: list[Turn] = []
    items: ModelInput = Field(default=[], description="Model input: the last turns")
    stream: StreamState = Field(default_factory=StreamState)
    started: int = Field(default=0, description="Turns started so far, including failed ones")
    turns_per_run: int = Field(default=25, ge=1, description="Turns before continuing as new")

    def find_answer(self, update_id: str) -> str | None:
        """Return the answer to an update; None if it is not among the last ones."""
        return next((turn.answer for turn in self.turns if turn.id == update_id), None)

    def with_turn(self, turn: Turn, items: ModelInput) -> "ChatState":
        """Return a copy with one more turn; `items` is the whole model input, with its answer.

        Raises:
            TooLarge: The answer exceeds `MAX_ANSWER_BYTES`.
        """
        if (size := encoded_size(turn.answer)) > MAX_ANSWER_BYTES:
            raise TooLarge("the answer", size, MAX_ANSWER_BYTES)
        turns = [*self.turns, turn]
        while encoded_size(turns) > MAX_TURNS_BYTES:
            turns.pop(0)
        return self.model_copy(
            update={"turns": turns, "items": last_turns_within(MAX_CONTEXT_BYTES, items)}
        )


class Transcript(BaseModel):
    """The result of a chat. Readers need no worker to read it."""

    turns: list[Turn]
