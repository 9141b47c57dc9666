"""Measures what the safety plugin costs a workflow: decoding its arguments with checks and without.

uv run benchmarks/safety.py
"""

import timeit
from collections.abc import Callable
from functools import partial

from pydantic import BaseModel, Field
from temporalio.openai_agents import OpenAIPayloadConverter

from durable_agents.handlers import checked_arguments
from durable_agents.payloads import StrictPayloadConverter

ROUNDS = 2_000


class Message(BaseModel):
    """An argument as chats have them."""

    user_input: str = Field(max_length=10_000)
    chat_length: int = Field(ge=0)


class Chat:
    """A workflow's method with two arguments."""

    async def run(self, message: Message, style: str) -> None:
        """Do nothing."""


def microseconds(work: Callable[[], object]) -> float:
    """Return what one call takes, the best of five rounds."""
    return min(timeit.repeat(work, number=ROUNDS, repeat=5)) / ROUNDS * 1e6


def main() -> None:
    """Print the costs."""
    arguments = [Message(user_input="Where is my seat?" * 10, chat_length=4), "plain"]
    for name, converter in (
        ("agents plugin", OpenAIPayloadConverter()),
        ("with safety", StrictPayloadConverter()),
    ):
        payloads = converter.to_payloads(arguments)
        cost = microseconds(partial(converter.from_payloads, payloads, [Message, str]))
        print(f"decoding two arguments, {name:<14} {cost:6.1f} µs")
    print(f"checking their number, once a call    {microseconds(check):6.1f} µs")


def check() -> object:
    """Check a start as the interceptor does."""
    return checked_arguments(Chat.run, [None, None])


if __name__ == "__main__":
    main()
