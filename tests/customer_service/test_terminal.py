"""The chat at a terminal: what is typed, what others say, and the ways to leave."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from agents.testing import ScriptedModel
from temporalio.client import WorkflowExecutionStatus

from customer_service.client import HELP, Chat, Handle, talk
from customer_service.run_worker import build_worker
from offline_model.server import OfflineModel
from sample_cli.catalog import find
from tests.customer_service.conversations import answers, end, history, lines_of, say, start
from tests.harness.forked_worker import ForkedWorker
from tests.harness.terminal import CTRL_C, CTRL_D, Person, at_terminal, script_at_terminal
from tests.harness.workers import serving

SAMPLE = find("customer_service/customer_service")


@asynccontextmanager
async def chatting(model: ScriptedModel) -> AsyncIterator[tuple[Person, Handle]]:
    async with serving(build_worker, model) as client:
        handle = await start(client)
        async with at_terminal(talk(Chat(handle, typed=True), [])) as person:
            await person.types("", sees="You: ")
            yield person, handle


async def test_typed_messages_are_answered_until_the_end() -> None:
    async with chatting(answers(2)) as (person, handle):
        await person.types("One\n", sees="Answer 1.\nYou: ")
        await person.types("  \n", sees="You: ")
        await person.types("Two\n", sees="Answer 2.\nYou: ")
        assert await history(handle) == lines_of("One", "Two")
        await person.types("/end\n")
    shown = [line for line in person.screen.splitlines() if "is thinking" not in line]
    assert shown == [
        HELP,
        "You: One",
        "Triage agent: Answer 1.",
        "You:   ",
        "You: Two",
        "Triage agent: Answer 2.",
        "You: /end",
        "The conversation ended after 2 answers. All was answered.",
    ]


async def test_messages_and_end_by_others_are_shown_before_the_next_prompt() -> None:
    async with chatting(answers(1)) as (person, handle):
        await say(handle, "One", 0)
        await person.types("\n", sees="User: One\nTriage agent: Answer 1.\nYou: ")
        await end(handle)
        await person.types("\n")
    assert person.screen.splitlines()[-1].startswith("The conversation ended after 1 answer.")


async def test_late_message_is_not_sent_and_shows_the_other_one() -> None:
    async with chatting(answers(2)) as (person, handle):
        await say(handle, "One", 0)
        await person.types("Two\n", sees="Not answered: Two (NotYourTurn: chat_length is 0;")
        assert person.screen.count("Answer 1.") == 1
        await person.types("Two\n", sees="Answer 2.\nYou: ")
        assert await history(handle) == lines_of("One", "Two")
        await person.types("/end\n")


async def test_failed_message_is_reported_and_the_chat_continues() -> None:
    async with chatting(ScriptedModel()) as (person, _):
        for _ in range(2):
            await person.types("One\n", sees="Not answered: One (UnexpectedModelCall")
        await person.types("/end\n")
    assert "No messages were exchanged." in person.screen


async def test_ctrl_d_leaves_the_conversation_open() -> None:
    async with chatting(answers(0)) as (person, handle):
        await person.types(CTRL_D, sees="You left.")
        await person.program
        assert (await handle.describe()).status is WorkflowExecutionStatus.RUNNING
        await end(handle)


@pytest.mark.exhaustive
async def test_ctrl_c_leaves_a_real_terminal_silently(model: OfflineModel) -> None:
    with ForkedWorker(SAMPLE.topic):
        async with script_at_terminal(SAMPLE.starter) as person:
            await person.types("", sees="Ctrl-D leaves it open")
            model.latency = 1.0  # long enough for the client to poll
            await person.types("Is there wifi?\n", sees="Skyward")
            await person.types(CTRL_C, sees="^C")
            assert await person.program == 130
    assert "is thinking" in person.screen
    assert "Traceback" not in person.screen
