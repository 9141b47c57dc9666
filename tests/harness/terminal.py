"""A person at a terminal, for the tests of chats."""

import asyncio
import io
from dataclasses import dataclass
from typing import Generic, TypeVar

from prompt_toolkit.input import PipeInput

H = TypeVar("H")


@dataclass
class Person(Generic[H]):
    """Someone at a terminal, in a conversation."""

    handle: H
    keys: PipeInput
    talking: asyncio.Task[None]
    screen: io.StringIO

    async def types(self, keys: str, until: str) -> None:
        """Press keys, and wait for a text on the screen."""
        self.keys.send_text(keys)
        while until not in self.screen.getvalue():
            assert not self.talking.done(), self.screen.getvalue()
            await asyncio.sleep(0.01)
