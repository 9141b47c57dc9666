"""A person at the terminal: types, is told what others say, and leaves in one of three ways."""

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from agents.testing import ScriptedModel
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput
from rich.console import Console
from temporalio.client import WorkflowExecutionStatus

from customer_service.chat import Chat
from customer_service.display import Display
from customer_service.messaging import Handle, end
from customer_service.run_customer_service_client import talk
from customer_service.run_worker import build_worker
from customer_service.terminal import HELP
from tests.customer_service.conversations import answers, begin, history, lines_of, say
from tests.harness.terminal import Person
from tests.harness.workers import serving

ENTER, CTRL_D, CTRL_U = "\r", "\x04", "\x15"


@asynccontextmanager
async def at_a_terminal(model: ScriptedModel) -> AsyncIterator[Person[Handle]]:
    async with serving(build_worker, model) as client:
        handle, screen = await begin(client), io.StringIO()
        with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
            chat = Chat(handle, Display(Console(file=screen, width=200)))
            yield Person(handle, keys, asyncio.create_task(talk(chat)), screen)


async def test_what_is_typed_is_answered_until_the_end() -> None:
    async with at_a_terminal(answers(2)) as person:
        await person.types(f"One{ENTER}", until="Answer 1.")
        await person.types(f"  {ENTER}/help{ENTER}Two{ENTER}", until="Answer 2.")
        person.keys.send_text(f"/end{ENTER}")
        await person.talking
        assert await history(person.handle) == lines_of("One", "Two")
    assert person.screen.getvalue().splitlines() == [
        HELP,
        "Triage agent: Answer 1.",
        HELP,
        "Triage agent: Answer 2.",
        "The conversation has ended after 2 answers. All was answered.",
    ]


async def test_what_others_say_is_shown_and_their_end_is_ours() -> None:
    async with at_a_terminal(answers(1)) as person:
        await say(person.handle, "One", 0)
        await person.types("half a sent", until="Answer 1.")
        await end(person.handle)
        await person.talking
    _, *lines, ended = person.screen.getvalue().splitlines()
    assert lines == lines_of("One")
    assert ended.startswith("The conversation has ended after 1 answers.")


async def test_who_is_too_late_keeps_the_draft(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("customer_service.terminal.LOOK_EVERY", 60.0)
    async with at_a_terminal(answers(2)) as person:
        await person.types("", until=HELP)
        await say(person.handle, "One", 0)
        await person.types(f"Two{ENTER}", until="Not sent, someone else was quicker.")
        await person.types(ENTER, until="Answer 2.")
        assert await history(person.handle) == lines_of("One", "Two")
        person.keys.send_text(f"/end{ENTER}")
        await person.talking


async def test_ctrl_d_leaves_the_conversation_open() -> None:
    async with at_a_terminal(answers(0)) as person:
        await person.types("", until=HELP)
        person.keys.send_text(CTRL_D)
        await person.talking
        assert (await person.handle.describe()).status is WorkflowExecutionStatus.RUNNING
        await end(person.handle)
    assert "You have left." in person.screen.getvalue()


async def test_a_message_without_an_answer_is_kept_as_a_draft() -> None:
    async with at_a_terminal(ScriptedModel()) as person:
        await person.types(f"One{ENTER}", until="Not answered: ")
        person.keys.send_text(CTRL_U + CTRL_D)  # Ctrl-D leaves an empty line only
        await person.talking
        await end(person.handle)
    assert "UnexpectedModelCall" in person.screen.getvalue()
