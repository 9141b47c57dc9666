"""A user at a terminal: picks a goal, types, decides on steps, and leaves."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from goal_agent.client import HELP, Chat, pick_goal, run_terminal
from goal_agent.models import ConversationStatus
from goal_agent.run_worker import build_worker
from tests.goal_agent.conversations import (
    INVOICE,
    Handle,
    end,
    history,
    invoices,
    obedient_model,
    start,
)
from tests.harness.terminal import CTRL_D, Person, at_terminal
from tests.harness.workers import serving


@asynccontextmanager
async def chatting() -> AsyncIterator[tuple[Person, Handle]]:
    async with serving(build_worker, obedient_model()) as client:
        handle = await start(client)
        async with at_terminal(run_terminal(Chat(handle, typed=True))) as person:
            await person.types("", sees="Which city, and which month?\nYou: ")
            yield person, handle


async def test_y_confirms_a_step_and_typed_prompts_are_not_repeated(ledger: Path) -> None:
    async with chatting() as (person, _):
        await person.types(f"{INVOICE}\n", sees="Step: create_invoice(email=a@b.org")
        await person.types("y\n", sees="Tool: Invoice")
        await person.types("done\n")
    assert HELP in person.screen
    assert "User:" not in person.screen
    assert len(invoices(ledger)) == 1


async def test_n_and_other_prompts_cancel_a_step(ledger: Path) -> None:
    async with chatting() as (person, _):
        await person.types(f"{INVOICE}\n", sees="Run this? [y/n] ")
        await person.types("N\n", sees="was not confirmed, and not run.\n")
        await person.types(f"{INVOICE}\n", sees="Run this? [y/n] ")
        await person.types("hello\n", sees="Re: hello")
        await person.types("/end\n")
    assert invoices(ledger) == []


async def test_terminal_reports_an_invalid_prompt() -> None:
    async with chatting() as (person, _):
        await person.types(" \n")
        await person.types(
            "x" * 2001 + "\n", sees="Not sent: text: String should have at most 2000"
        )
        await person.types("hi\n", sees="Re: hi")
        await person.types("/end\n")


async def test_leaving_keeps_the_conversation_open() -> None:
    async with chatting() as (person, handle):
        await person.types(CTRL_D, sees=f"To rejoin: --conversation-id {handle.id}")
        assert (await history(handle)).activity is ConversationStatus.IDLE
        await end(handle)


@pytest.mark.parametrize(("typed", "goal"), [("find_event", "find_event"), ("", "book_trip")])
async def test_goal_is_picked_by_name_or_default(typed: str, goal: str) -> None:
    async with at_terminal(pick_goal()) as person:
        await person.types("7\n", sees="Enter one of book_trip, find_event.")
        await person.types(f"{typed}\n")
        assert await person.program == goal
