"""A person at the terminal: picks a goal, types, decides on steps, and leaves."""

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput
from rich.console import Console

from goal_agent.chat import Chat
from goal_agent.display import Display
from goal_agent.models import Activity
from goal_agent.run_worker import build_worker
from goal_agent.terminal import HELP, Terminal, pick_goal
from tests.goal_agent.talking import INVOICE, Handle, begin, end, history, invoices, obedient
from tests.harness.terminal import Person
from tests.harness.workers import serving

ENTER, CTRL_D = "\r", "\x04"


@asynccontextmanager
async def at_a_terminal() -> AsyncIterator[Person[Handle]]:
    async with serving(build_worker, obedient()) as client:
        handle, screen = await begin(client), io.StringIO()
        with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
            chat = Chat(handle, Display(Console(file=screen, width=200)))
            yield Person(handle, keys, asyncio.create_task(Terminal(chat).talk()), screen)
            chat.close()


async def test_a_step_is_confirmed_with_y_and_what_was_typed_is_not_shown_again(
    ledger: Path,
) -> None:
    async with at_a_terminal() as person:
        await person.types(f"{INVOICE}{ENTER}", until="Step: create_invoice(email=a@b.org")
        await person.types(f"y{ENTER}", until="Tool: Invoice")
        person.keys.send_text(f"done{ENTER}")
        await person.talking
    screen = person.screen.getvalue()
    assert HELP in screen
    assert "User:" not in screen
    assert len(invoices(ledger)) == 1


async def test_a_step_is_cancelled_with_n_and_by_saying_something_else(ledger: Path) -> None:
    async with at_a_terminal() as person:
        await person.types(f"{INVOICE}{ENTER}", until="Step: create_invoice")
        await person.types(f"N{ENTER}", until="was not confirmed")
        before = person.screen.getvalue()
        await person.types(f"{INVOICE}{ENTER}", until=f"{before}Agent: Shall I create_invoice?")
        await person.types(f"hello{ENTER}", until="Re: hello")
        person.keys.send_text(f"/end{ENTER}")
        await person.talking
    assert invoices(ledger) == []


async def test_what_cannot_be_sent_is_said() -> None:
    async with at_a_terminal() as person:
        await person.types("", until="Which city")
        await person.types(f"{'x' * 2001}{ENTER}hi{ENTER}", until="Re: hi")
        assert "Not sent: the text is 2,001 characters" in person.screen.getvalue()
        person.keys.send_text(f"/end{ENTER}")
        await person.talking


async def test_who_leaves_leaves_the_conversation_open() -> None:
    async with at_a_terminal() as person:
        await person.types("", until="Which city")
        person.keys.send_text(CTRL_D)
        with pytest.raises(EOFError):
            await person.talking
        assert (await history(person.handle)).activity is Activity.IDLE
        await end(person.handle)


async def test_a_goal_is_picked_by_number_by_name_or_as_the_first() -> None:
    for typed, goal in [("2", "find_event"), ("find_event", "find_event"), ("", "book_trip")]:
        screen = io.StringIO()
        with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
            keys.send_text(f"7{ENTER}{typed}{ENTER}")
            assert await pick_goal(Display(Console(file=screen, width=200))) == goal
        assert "A number from 1 to 2, please" in screen.getvalue()
