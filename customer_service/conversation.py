"""The state of a conversation, and the rules for what may be added to it."""

from durable_agents import InvalidInput, TooLarge

import asyncio

from agents import RunResult
from pydantic import JsonValue
from pydantic_core import from_json, to_json
from temporalio import workflow

from customer_service.errors import ConversationEnded, NotYourTurn
from customer_service.limits import (
    MAX_CONTEXT_BYTES,
    MAX_HISTORY_BYTES,
    MAX_KNOWN_UPDATES,
    MAX_STORED_HISTORY_BYTES,
    last_turns_within,
)
from customer_service.models import AirlineContext, AnsweredMessage, ConversationState


class Conversation:
    """A conversation as its current run has it.

    An update that this run or an earlier one has answered is recognized by its id: its checks pass,
    and it gets the same lines again.

    Attributes:
        state: What the next run is given. Replaced as a whole, never partly.
        turn: Locked while a turn is in flight.
        ending: Whether it takes no more messages.
        additions: How many times this run has added to the history.
    """

    def __init__(self, state: ConversationState) -> None:
        """Continue from `state`."""
        self.state = state
        self.turn = asyncio.Lock()
        self.ending = False
        self.additions = 0

    def find_answer(self) -> list[str] | None:
        """Return the lines that the current update has added before."""
        id = _update_id()
        known = next((known for known in self.state.answered if known.update_id == id), None)
        return self.state.history[known.start : known.end] if known else None

    def check_open(self) -> None:
        """Check that the conversation takes another line.

        Raises:
            ConversationEnded: It has ended.
            NotYourTurn: A turn is in flight.
            InvalidInput: It has grown too long.
        """
        if self.find_answer() is not None:
            return
        if self.ending:
            raise ConversationEnded
        if self.turn.locked():
            raise NotYourTurn("another message is being answered: read its answer first")
        if len(to_json(self.state.history)) > MAX_HISTORY_BYTES:
            raise InvalidInput("the conversation is too long: end it, and begin another")

    def check_is_next(self, chat_length: int) -> None:
        """Check that a message from a client that has seen `chat_length` lines is the next one.

        Raises:
            NotYourTurn: A turn is in flight, or the client has not seen the last line.
            ConversationEnded: As `check_open`.
            InvalidInput: As `check_open`.
        """
        self.check_open()
        length = len(self.state.history)
        if chat_length != length and self.find_answer() is None:
            raise NotYourTurn(
                f"chat_length is {chat_length}, but the conversation has {length} lines"
            )

    def check_escalated(self) -> None:
        """Check that a person may answer.

        Raises:
            InvalidInput: The agents have the conversation.
            ConversationEnded: As `check_open`.
            NotYourTurn: As `check_open`.
        """
        self.check_open()
        if not self.state.context.escalated and self.find_answer() is None:
            raise InvalidInput("the conversation is not escalated: its agents answer")

    def add_message(self, text: str) -> list[str]:
        """Keep a customer's message for the person who has been called."""
        return self._add([f"User: {text}"], self._items("user", text))

    def add_reply(self, name: str, text: str) -> list[str]:
        """Add a person's answer, for the agents to know later."""
        line = f"{name} (a person): {text}"
        context = self.state.context.model_copy(update={"notified": True})
        return self._add([line], self._items("assistant", line), context=context)

    def hand_back(self) -> list[str]:
        """Have the agents answer again, unless they do."""
        context = self.state.context
        if not context.escalated:
            return []
        context = context.model_copy(update={"escalated": False, "notified": False})
        line = f"(A person hands over to {self.state.agent})"
        return self._add([line], self.state.items, context=context)

    def add_turn(self, lines: list[str], result: RunResult, context: AirlineContext) -> list[str]:
        """Add a message and its answer.

        Raises:
            TooLarge: The answer is too long to keep.
        """
        return self._add(
            lines,
            from_json(to_json(result.to_input_list())),
            context=context,
            agent=result.last_agent.name,
            turns=self.state.turns + 1,
        )

    def keep_escalation(self, context: AirlineContext) -> None:
        """Keep what a failed turn cannot undo: a person has been called."""
        called = {
            "escalated": self.state.context.escalated or context.escalated,
            "notified": self.state.context.notified or context.notified,
        }
        kept = self.state.context.model_copy(update=called)
        self.state = self.state.model_copy(update={"context": kept})

    def _items(self, role: str, text: str) -> list[dict[str, JsonValue]]:
        return [*self.state.items, {"role": role, "content": text}]

    def _add(
        self, lines: list[str], items: list[dict[str, JsonValue]], **changes: object
    ) -> list[str]:
        """Add lines to the history; `items` is the whole conversation as the model sees it."""
        start, history = len(self.state.history), [*self.state.history, *lines]
        if (size := len(to_json(history))) > MAX_STORED_HISTORY_BYTES:
            raise TooLarge("history", size, MAX_STORED_HISTORY_BYTES)
        answered = AnsweredMessage(update_id=_update_id(), start=start, end=len(history))
        changes |= {
            "history": history,
            "items": last_turns_within(MAX_CONTEXT_BYTES, items),
            "answered": [*self.state.answered, answered][-MAX_KNOWN_UPDATES:],
        }
        self.state = self.state.model_copy(update=changes)
        self.additions += 1
        return lines


def _update_id() -> str:
    """Return the id that the client gave the update which is being handled."""
    info = workflow.current_update_info()
    return info.id if info else ""
