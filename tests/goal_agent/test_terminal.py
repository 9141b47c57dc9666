"""A user at a terminal: picks a goal, types, decides on steps, and leaves."""

from pathlib import Path

import pytest

from goal_agent.models import ConversationStatus
from goal_agent.terminal import HELP, pick_goal
from tests.goal_agent.conversations import (
    INVOICE,
    end,
    history,
    invoices,
)
from tests.goal_agent.terminal import Keyboard, at_terminal


async def test_y_confirms_a_step_and_typed_prompts_are_not_echoed(
    keyboard: Keyboard, ledger: Path
) -> None:
    async with at_terminal(keyboard) as user:
        await user.types(INVOICE, sees="Step: create_invoice(email=a@b.org")
        await user.types("y", sees="Tool: Invoice")
        await user.types("done")
        await user.chatting
    assert HELP in user.screen
    assert "User:" not in user.screen
    assert len(invoices(ledger)) == 1


async def test_n_and_other_prompts_cancel_a_step(keyboard: Keyboard, ledger: Path) -> None:
    async with at_terminal(keyboard) as user:
        await user.types(INVOICE, sees="Step: create_invoice")
        await user.types("N", sees="was not confirmed")
        await user.types(INVOICE, sees=f"{user.screen}Agent: Shall I create_invoice?")
        await user.types("hello", sees="Re: hello")
        await user.types("/end")
        await user.chatting
    assert invoices(ledger) == []


async def test_terminal_reports_an_invalid_prompt(keyboard: Keyboard) -> None:
    async with at_terminal(keyboard) as user:
        await user.types(" ", "x" * 2001, "hi", sees="Re: hi")
        assert "Not sent: text is 2,001 characters; the limit is 2,000" in user.screen
        await user.types("/end")
        await user.chatting


async def test_leaving_keeps_the_conversation_open(keyboard: Keyboard) -> None:
    async with at_terminal(keyboard) as user:
        await user.types(None, sees="Which city")
        with pytest.raises(EOFError):
            await user.chatting
        assert (await history(user.handle)).activity is ConversationStatus.IDLE
        await end(user.handle)


@pytest.mark.parametrize(
    ("typed", "goal"), [("2", "find_event"), ("find_event", "find_event"), ("", "book_trip")]
)
async def test_goal_is_picked_by_number_name_or_default(
    typed: str, goal: str, keyboard: Keyboard, capsys: pytest.CaptureFixture[str]
) -> None:
    for line in ("7", typed):
        keyboard.put(line)
    assert await pick_goal() == goal
    assert "Enter a number from 1 to 2" in capsys.readouterr().out
