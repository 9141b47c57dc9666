"""What a conversation accepts, and what it keeps: limits on messages, history and memory."""

from durable_agents import InvalidInput, TooLarge

from collections.abc import Sequence

from agents import RunResult
from pydantic import JsonValue
from pydantic_core import from_json, to_json
from temporalio.exceptions import ApplicationError

from customer_service.models import AirlineContext, AnsweredMessage, ConversationState

LONGEST_MESSAGE = 2_000
"""Characters of one message."""

LONGEST_HISTORY = 1_000_000
"""Bytes of JSON of a history that takes another message. Queries and the next run's argument carry
it, and 2 MiB is the limit of a payload."""

MAX_STORED_HISTORY = 1_500_000
"""Bytes of JSON of a history with the answer to its last message."""

MEMORY = 128_000
"""Bytes of JSON of the conversation that the model is shown. Each call records them again."""

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


class TurnStopped(ApplicationError):
    """A message got no answer since someone stopped the turn. Nothing of it is kept."""

    def __init__(self) -> None:
        """Say what became of the message."""
        super().__init__(
            "the turn was stopped, and the message is not kept",
            type=TurnStopped.__name__,
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
    check_room(state, busy=busy, ended=ended)
    length = len(state.history)
    if chat_length != length:
        raise NotYourTurn(f"chat_length is {chat_length}, but the conversation has {length} lines")


def check_room(state: ConversationState, *, busy: bool, ended: bool) -> None:
    """Check that the conversation takes another line.

    Raises:
        ConversationEnded: It has ended.
        NotYourTurn: A message is being answered.
        InvalidInput: It has grown too long.
    """
    if ended:
        raise ConversationEnded
    if busy:
        raise NotYourTurn("another message is being answered: read its answer first")
    if len(to_json(state.history)) > LONGEST_HISTORY:
        raise InvalidInput("the conversation is too long: end it, and begin another")


def check_escalated(state: ConversationState) -> None:
    """Check that a person may answer.

    Raises:
        InvalidInput: The agents have the conversation.
    """
    if not state.context.escalated:
        raise InvalidInput("the conversation is not escalated: its agents answer")


def answer_to(state: ConversationState, update_id: str) -> AnsweredMessage | None:
    """Return where the answer to a message stands, if it has been answered before."""
    return next((known for known in state.answered if known.update_id == update_id), None)


def with_lines(
    state: ConversationState,
    update_id: str,
    lines: list[str],
    items: Sequence[dict[str, JsonValue]],
    **changes: object,
) -> ConversationState:
    """Return the conversation with the lines of a message, its answer, or both.

    Args:
        state: The conversation so far.
        update_id: The id of the update that brought the lines.
        lines: What is added to the history.
        items: The whole conversation as the model sees it.
        changes: Other fields that change.

    Raises:
        TooLarge: The history would not fit into a payload.
    """
    start, history = len(state.history), [*state.history, *lines]
    if (size := len(to_json(history))) > MAX_STORED_HISTORY:
        raise TooLarge("history", size, MAX_STORED_HISTORY)
    answered = AnsweredMessage(update_id=update_id, start=start, end=len(history))
    changes |= {
        "history": history,
        "items": latest(list(items)),
        "answered": [*state.answered, answered][-RESENDS_KNOWN:],
    }
    return state.model_copy(update=changes)


def after_turn(
    state: ConversationState,
    update_id: str,
    lines: list[str],
    result: RunResult,
    context: AirlineContext,
) -> ConversationState:
    """Return what the conversation is once the agents have answered a message.

    Raises:
        TooLarge: The answer is too long to keep.
    """
    return with_lines(
        state,
        update_id,
        lines,
        from_json(to_json(result.to_input_list())),
        context=context,
        agent=result.last_agent.name,
        turns=state.turns + 1,
    )


def latest(items: list[dict[str, JsonValue]]) -> list[dict[str, JsonValue]]:
    """Return the last turns, whole ones, as many as fit into `MEMORY`."""
    starts = [n for n, item in enumerate(items) if item.get("role") == "user"]
    for start in starts:
        if len(to_json(items[start:])) <= MEMORY:
            return items[start:]
    return []
