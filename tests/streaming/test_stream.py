"""The client at a terminal: text as it arrives, attempts, late readers, and closed chats."""

import asyncio

import pytest
from agents.testing import ScriptedModel
from temporalio.client import WorkflowUpdateFailedError

from streaming.models import StreamEvent, StreamPage
from streaming.run_stream_client import main
from streaming.terminal import NOT_SENT, STORY, WAITING_FOR_WORKER, Screen, TerminalChat
from tests.harness.workers import input_texts
from tests.streaming.chats import (
    Writer,
    answers,
    end,
    say,
    serving_chats,
    start,
    until_printed,
    until_streamed,
)

Printed = pytest.CaptureFixture[str]


async def test_client_prints_each_answer_once(capsys: Printed) -> None:
    model = answers("Once upon a time.", "The end.")
    async with serving_chats(model):
        await main(message=["A story!", "And then?"], end=True)
    chat, *lines = capsys.readouterr().out.splitlines()
    assert chat.startswith("Chat chat-")
    assert lines == ["You: A story!", "Once upon a time.", "You: And then?", "The end."]
    assert input_texts(model.calls[1]) == ["A story!", "Once upon a time.", "And then?"]


async def test_client_without_a_terminal_asks_for_a_story(capsys: Printed) -> None:
    async with serving_chats(answers("Once.")):
        await main()
        lines = capsys.readouterr().out.splitlines()
        assert lines[1:] == [f"You: {STORY}", "Once."]
        await main(conversation_id=lines[0].split()[1], end=True)
    assert capsys.readouterr().out.splitlines() == [lines[0], f"You: {STORY}", "Once."]


async def test_text_is_printed_before_the_answer_is_complete(capsys: Printed) -> None:
    writer = Writer()
    async with serving_chats(writer) as client:
        chat = await start(client)
        sending = asyncio.create_task(TerminalChat(chat).send("A story!"))
        writer.write("Once")
        await until_printed(capsys, "Once")
        assert not sending.done()
        writer.answer(" upon")
        await sending
        assert capsys.readouterr().out == " upon\n"
        await end(chat)


async def test_late_reader_gets_the_text_so_far(capsys: Printed) -> None:
    writer = Writer()
    async with serving_chats(writer) as client:
        chat = await start(client)
        writer.answer("One.")
        await say(chat, "a")
        sending = asyncio.create_task(say(chat, "b"))
        writer.write("Two")
        await until_streamed(chat, "Two")
        late = asyncio.create_task(TerminalChat(chat).catch_up())
        writer.answer(" and more.")
        await asyncio.gather(late, sending)
        assert capsys.readouterr().out == "You: a\nOne.\nYou: b\nTwo and more.\n"
        await end(chat)


async def test_failed_message_is_reported_and_the_next_one_is_sent(capsys: Printed) -> None:
    async with serving_chats(ScriptedModel([])):
        with pytest.raises(WorkflowUpdateFailedError):
            await main(message=["a", "b"], end=True)
    printed = capsys.readouterr().out
    assert printed.count("(not answered: ") == 2


async def test_closed_chat_is_printed_without_a_worker(capsys: Printed) -> None:
    async with serving_chats(answers("One.")) as client:
        chat = await start(client)
        await say(chat, "a")
        await end(chat)
    await main(conversation_id=chat.id)
    assert capsys.readouterr().out == f"Chat {chat.id}\nYou: a\nOne.\n"
    with pytest.raises(SystemExit, match=NOT_SENT):
        await main(conversation_id=chat.id, message=["b"])


async def test_client_says_that_no_worker_answers(capsys: Printed) -> None:
    async with serving_chats(answers("One.")) as client:
        chat = await start(client)
    waiting = asyncio.create_task(TerminalChat(chat).catch_up())
    printed = await until_printed(capsys, WAITING_FOR_WORKER)
    async with serving_chats(answers()):
        await waiting
        await end(chat)
    assert printed == f"{WAITING_FOR_WORKER}\n"


@pytest.mark.parametrize(
    ("answer", "printed"),
    [("Other", ["Thrice", "(the whole answer)", "Other"]), ("Thrice!", ["Thrice!"])],
)
def test_new_attempt_is_announced_and_a_changed_answer_is_printed(
    capsys: Printed, answer: str, printed: list[str]
) -> None:
    texts = [("1", 1, "Once "), ("1", 1, "up"), ("1", 2, ""), ("1", 2, "Twi"), ("2", 1, "Thrice")]
    events = [StreamEvent(kind="question", turn=1, text="?")]
    events += [StreamEvent(kind="text", turn=1, call=c, attempt=n, text=t) for c, n, t in texts]
    events += [StreamEvent(kind="answer", turn=1, text=answer)]
    Screen().show(StreamPage(first=0, offset=0, events=events))
    lines = ["You: ?", "Once up", "(attempt 2)", "Twi", *printed]
    assert capsys.readouterr().out.splitlines() == lines
