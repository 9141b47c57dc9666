"""Lines that a person types at a terminal."""

from durable_agents.terminal import read_line

import asyncio
from contextlib import suppress

import pytest

from tests.harness.terminal import CTRL_D, at_terminal


async def test_typed_lines_are_returned_until_ctrl_d() -> None:
    lines: list[str] = []

    async def read() -> None:
        with suppress(EOFError):
            while True:
                lines.append(await read_line("You: "))

    async with at_terminal(read()) as person:
        await person.types("", sees="You: ")
        await person.types("  One \n\nT", sees="You: ")
        await person.types("wo\n", sees="You: ")
        await person.types(CTRL_D)
    assert lines == ["One", "", "Two"]


async def test_waiting_for_a_line_does_not_block_and_can_be_cancelled() -> None:
    async with at_terminal(read_line("You: ")) as person:
        await person.types("", sees="You: ")
        person.program.cancel()
        with pytest.raises(asyncio.CancelledError):
            await person.program
        person.program = asyncio.create_task(read_line("Again: "))
        await person.types("Two\n", sees="Again: ")
        assert await person.program == "Two"
