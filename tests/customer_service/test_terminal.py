"""The chat at a terminal: what is typed, what others say, and the ways to leave."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from agents.testing import ScriptedModel
from temporalio.client import WorkflowExecutionStatus

from customer_service.client import HELP
from customer_service.run_worker import build_worker
from tests.customer_service.conversations import answers, end, history, lines_of, say, start
from tests.customer_service.terminal import CTRL_D, Person, at_a_terminal
from tests.harness.workers import serving


@asynccontextmanager
async def chatting(model: ScriptedModel, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Person]:
    async with (
        serving(build_worker, model) as client,
        at_a_terminal(await start(client), monkeypatch) as person,
    ):
        await person.sees(HELP)
        yield person


async def test_typed_messages_are_answered_until_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    async with chatting(answers(2), monkeypatch) as person:
        person.types("One\n")
        await person.sees("Answer 1.")
        person.types("  \n/help\nTwo\n")
        await person.sees("Answer 2.")
        assert await history(person.handle) == lines_of("One", "Two")
        person.types("/end\n")
    assert [line for line in person.screen if "is thinking" not in line] == [
        HELP,
        "Triage agent: Answer 1.",
        HELP,
        "Triage agent: Answer 2.",
        "The conversation ended after 2 answers. All was answered.",
    ]


async def test_messages_and_end_by_others_are_shown_before_the_next_prompt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with chatting(answers(1), monkeypatch) as person:
        await say(person.handle, "One", 0)
        person.types("\n")
        await person.sees("Answer 1.")
        await end(person.handle)
        person.types("\n")
    _, *lines, ended = person.screen
    assert lines == lines_of("One")
    assert ended.startswith("The conversation ended after 1 answer.")


async def test_late_message_becomes_a_draft(monkeypatch: pytest.MonkeyPatch) -> None:
    async with chatting(answers(2), monkeypatch) as person:
        await say(person.handle, "One", 0)
        person.types("Two\n")
        await person.sees("Not sent: another message arrived first.")
        await person.sees("Answer 1.")
        person.types("\n")
        await person.sees("Answer 2.")
        assert await history(person.handle) == lines_of("One", "Two")
        person.types("/end\n")


async def test_unanswered_message_becomes_a_draft(monkeypatch: pytest.MonkeyPatch) -> None:
    async with chatting(ScriptedModel(), monkeypatch) as person:
        for keys in ("One\n", "\n"):
            person.screen.clear()
            person.types(keys)
            await person.sees("Not answered: UnexpectedModelCall")
        person.types(CTRL_D)
        await person.talking
        await end(person.handle)


async def test_ctrl_d_leaves_the_conversation_open(monkeypatch: pytest.MonkeyPatch) -> None:
    async with chatting(answers(0), monkeypatch) as person:
        person.types(CTRL_D)
        await person.talking
        assert "You left." in person.screen[-1]
        assert (await person.handle.describe()).status is WorkflowExecutionStatus.RUNNING
        await end(person.handle)
