"""What a conversation accepts, and what it keeps: limits on messages, history and memory."""

from durable_agents import InvalidInput

from agents import RunResult
from pydantic import JsonValue
from pydantic_core import from_json, to_json
from temporalio.exceptions import ApplicationError

from customer_service.models import AirlineContext, AnsweredMessage, ConversationState

LONGEST_MESSAGE = 2_000
"""Characters of one message."""

LONGEST_HISTORY = 1_000_000
"""Bytes of the whole history: queries and the next run's argument carry it, and 2 MB is the limit
of a payload."""

MEMORY = 128_000
"""Bytes of the conversation that the model is shown. Each call records them again."""

RESENDS_KNOWN = 20
"""How many answered messages a conversation can recognise."""


class NotYourTurn(ApplicationError):
    """The message does not follow the last line of the history: read that, and send again."""

    def __init__(self, message: str) -> None:
        """Say in `message` what the conversation's length is, or that it is busy."""
        super().__init__(message, type=NotYourTurn.__name__, non_retryable=True)


class ConversationEnded(ApplicationError):
    """Nobody listens any more."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__(
            "the conversation has ended: begin another",
            type=ConversationEnded.__name__,
            non_retryable=True,
        )


class TurnFailed(ApplicationError):
    """A message got no answer. Nothing of it is kept; its cause says what went wrong."""

    def __init__(self) -> None:
        """Say what became of the message."""
        super().__init__(
            "there is no answer, and the message is not kept",
            type=TurnFailed.__name__,
            non_retryable=True,
        )


def check_text(text: str) -> None:
    """Check a message for itself.

    Raises:
        InvalidInput: It is empty or too long.
    """
    if not text.strip():
        raise InvalidInput("user_input is empty: say what you would like to know or have done")
    if len(text) > LONGEST_MESSAGE:
        raise InvalidInput(f"user_input has {len(text)} characters: {LONGEST_MESSAGE} are allowed")


def check_place(state: ConversationState, chat_length: int, *, busy: bool, ended: bool) -> None:
    """Check that a message is the next one.

    Raises:
        ConversationEnded: There is no next one.
        NotYourTurn: Another one is.
        InvalidInput: The conversation has grown too long.
    """
    if ended:
        raise ConversationEnded
    length = len(state.history)
    if busy:
        raise NotYourTurn("another message is being answered: read its answer first")
    if chat_length != length:
        raise NotYourTurn(f"chat_length is {chat_length}, but the conversation has {length} lines")
    if sum(len(line.encode()) for line in state.history) > LONGEST_HISTORY:
        raise InvalidInput("the conversation is too long: end it, and begin another")


def answer_to(state: ConversationState, update_id: str) -> AnsweredMessage | None:
    """Return where the answer to a message stands, if it has been answered before."""
    return next((known for known in state.answered if known.update_id == update_id), None)


def after_turn(
    state: ConversationState,
    update_id: str,
    lines: list[str],
    result: RunResult,
    context: AirlineContext,
) -> ConversationState:
    """Return what the conversation is once a message has been answered."""
    start = len(state.history)
    answered = AnsweredMessage(update_id=update_id, start=start, end=start + len(lines))
    return state.model_copy(
        update={
            "history": [*state.history, *lines],
            "items": latest(from_json(to_json(result.to_input_list()))),
            "context": context,
            "agent": result.last_agent.name,
            "answered": [*state.answered, answered][-RESENDS_KNOWN:],
            "turns": state.turns + 1,
        }
    )


def latest(items: list[dict[str, JsonValue]]) -> list[dict[str, JsonValue]]:
    """Return the last turns, whole ones, as many as fit into `MEMORY`."""
    starts = [n for n, item in enumerate(items) if item.get("role") == "user"]
    for start in starts:
        if len(to_json(items[start:])) <= MEMORY:
            return items[start:]
    return []
