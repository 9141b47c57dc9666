"""Messages, state, and result of a conversation."""

from durable_agents import TooLarge, encoded_size
from durable_agents.messages import ModelInput, last_turns_within, update_id

from pydantic import BaseModel, Field

from customer_service.limits import (
    MAX_CONTEXT_BYTES,
    MAX_KNOWN_UPDATES,
    MAX_STORED_HISTORY_BYTES,
)

PERSON_NAME = r"^[\w .'-]{1,40}$"


class ProcessUserMessageInput(BaseModel):
    """A message, and how much of the conversation its sender has seen."""

    user_input: str
    chat_length: int = Field(description="Lines of the history that the sender has seen", ge=0)


class AgentReply(BaseModel):
    """A person's answer in an escalated conversation."""

    name: str = Field(description="The person's name", pattern=PERSON_NAME)
    text: str


class AirlineContext(BaseModel):
    """Facts about the passenger. All agents share them, and their tools set them."""

    confirmation_number: str | None = None
    flight_number: str | None = None
    seat_number: str | None = None
    escalated: bool = Field(default=False, description="A person should take over")
    notified: bool = Field(default=False, description="A person has been notified")


class AnsweredMessage(BaseModel):
    """Position in the history of the lines that an update added."""

    update_id: str
    start: int
    end: int


class ConversationState(BaseModel):
    """State passed from run to run. Every field has a default, so new code reads old state."""

    history: list[str] = []
    items: ModelInput = Field(default=[], description="Model input: the last turns")
    context: AirlineContext = Field(default_factory=AirlineContext)
    agent: str = Field(default="Triage agent", description="The agent that answers next")
    answered: list[AnsweredMessage] = Field(default=[], description="The last few, for resends")
    turns: int = Field(default=0, description="Messages answered so far")
    turns_per_run: int = Field(default=25, ge=1, description="Turns before continuing as new")

    def find_answer(self) -> list[str] | None:
        """Return the lines of the current update if it is a resend, also of an earlier run's."""
        id = update_id()
        known = next((known for known in self.answered if known.update_id == id), None)
        return self.history[known.start : known.end] if known else None

    def items_with(self, role: str, text: str) -> ModelInput:
        """Return the model input with one more message."""
        return [*self.items, {"role": role, "content": text}]

    def with_turn(
        self, lines: list[str], items: ModelInput, **changes: object
    ) -> "ConversationState":
        """Return a copy with the lines that the current update adds, and other changed fields.

        `items` is the whole model input; its oldest turns are dropped to fit `MAX_CONTEXT_BYTES`.

        Raises:
            TooLarge: The history would exceed `MAX_STORED_HISTORY_BYTES`.
        """
        history = [*self.history, *lines]
        if (size := encoded_size(history)) > MAX_STORED_HISTORY_BYTES:
            raise TooLarge("history", size, MAX_STORED_HISTORY_BYTES)
        start, end = len(self.history), len(history)
        answer = AnsweredMessage(update_id=update_id(), start=start, end=end)
        changes |= {
            "history": history,
            "items": last_turns_within(MAX_CONTEXT_BYTES, items),
            "answered": [*self.answered, answer][-MAX_KNOWN_UPDATES:],
        }
        return self.model_copy(update=changes)


class Status(BaseModel):
    """The current status of a conversation."""

    agent: str
    doing: str = Field(description="What the agent is doing; empty while it waits for a message")
    escalated: bool
    ended: bool


class ConversationResult(BaseModel):
    """The outcome of a conversation."""

    summary: str
    turns: int
    escalated: bool
