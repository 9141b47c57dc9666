"""What the conversation, its clients and its agents hand each other."""

from pydantic import BaseModel, Field, JsonValue


class ProcessUserMessageInput(BaseModel):
    """A message, and what its sender had seen of the conversation."""

    user_input: str
    chat_length: int = Field(description="How many lines the sender's chat history has", ge=0)


class AgentReply(BaseModel):
    """What a person of the airline answers in an escalated conversation."""

    name: str = Field(description="The person's name", pattern=r"^[\w .'-]{1,40}$")
    text: str


class AirlineContext(BaseModel):
    """What is known of the passenger. All agents share it, and their tools fill it in."""

    confirmation_number: str | None = None
    flight_number: str | None = None
    seat_number: str | None = None
    escalated: bool = Field(default=False, description="A person is to take over")
    notified: bool = Field(default=False, description="A person has been notified of it")

    @property
    def with_person(self) -> bool:
        """Whether a person answers from now on, not the agents."""
        return self.escalated and self.notified


class AnsweredMessage(BaseModel):
    """Where the history has the lines that a message brought."""

    update_id: str
    start: int
    end: int


class ConversationState(BaseModel):
    """All that a run hands to the next one. Every field has a default: old state fits new code."""

    history: list[str] = []
    items: list[dict[str, JsonValue]] = Field(
        default=[], description="The latest part of the conversation as the model sees it"
    )
    context: AirlineContext = Field(default_factory=AirlineContext)
    agent: str = Field(default="Triage agent", description="Who has the conversation")
    answered: list[AnsweredMessage] = Field(default=[], description="The last few, for resends")
    turns: int = Field(default=0, description="How many messages have been answered")
    turns_per_run: int = Field(
        default=100, ge=1, description="After so many the run is continued as a new one"
    )


class Status(BaseModel):
    """What goes on in a conversation at this moment."""

    agent: str
    doing: str = Field(description="What the agent is busy with; empty: it waits for a message")
    chat_length: int
    escalated: bool
    ended: bool


class ConversationResult(BaseModel):
    """What a conversation came to."""

    summary: str
    turns: int
    escalated: bool
