"""The service: event streams that resume, one reading loop for all tabs, and errors."""

import asyncio
from datetime import timedelta

from tests.streaming.chats import Writer, answers, end, say, serving_chats, start
from tests.streaming.web import Tab, service, shows


async def test_message_is_answered_once_for_the_same_key() -> None:
    async with serving_chats(answers("One.")) as client, service(client) as server:
        response = await server.http.post("/chats")
        assert response.status_code == 303
        chat = client.get_workflow_handle(response.headers["location"].rpartition("/")[2])
        for _ in range(2):
            answer = await server.send(chat, "a")
            assert (answer.status_code, answer.json()) == (200, {"answer": "One."})
        ended = await server.http.post(f"/chats/{chat.id}/end")
        assert [turn["answer"] for turn in ended.json()["turns"]] == ["One."]
        late = await server.send(chat, "b", key="other")
        assert (late.status_code, late.json()["detail"]["error"]) == (409, "ChatEnded")


async def test_stream_resumes_at_every_event_without_loss_or_repetition() -> None:
    writer = Writer()
    async with serving_chats(writer) as client, service(client) as server:
        chat = await start(client, turns_per_run=1)
        tab = Tab(server.http, chat)
        for number in (1, 2, 3):  # each in a run of its own
            sending = asyncio.create_task(say(chat, f"Q{number}"))
            await tab.read(lambda tab: tab.received[-1] == "question")
            text = ""
            for word in ("Once", " upon", " a time"):
                writer.write(word)
                text += word
                await tab.read(shows(text))
            writer.finish()
            await asyncio.gather(sending, tab.read(lambda tab: tab.received[-1] == "answer"))
        assert tab.shown == [[f"Q{number}", "Once upon a time"] for number in (1, 2, 3)]
        assert tab.received.count("snapshot") == 1
        tab.id = "1"  # away for two turns
        await tab.read(shows("Once upon a time"))
        assert tab.received[-1] != "question"
        await end(chat)
        await tab.read()
        assert tab.received[-1] == "ended"
        assert len(tab.shown) == 3


async def test_missing_worker_is_reported_to_readers_and_senders() -> None:
    async with serving_chats(answers()) as client:
        chat = await start(client)
    async with service(client, timeout=timedelta(seconds=1)) as server:
        tab = Tab(server.http, chat)
        await tab.read(lambda tab: tab.status.get("available") is False)
        answer = await server.send(chat, "a")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert answer.json()["detail"]["message"].startswith("No worker answers")
        async with serving_chats(answers("One.")):
            await tab.read(lambda tab: tab.status.get("available") is True)
            while (answer := await server.send(chat, "a")).status_code == 503:
                pass
            assert answer.json() == {"answer": "One."}
            await end(chat)


async def test_slow_answer_is_fetched_by_resending() -> None:
    writer = Writer()
    async with serving_chats(writer) as client:
        chat = await start(client)
        async with service(client, timeout=timedelta(seconds=1)) as server:
            early = await server.send(chat, "a")
            assert (early.status_code, early.json()["detail"]["error"]) == (503, "NoAnswerYet")
            writer.answer("One.")
            while (answer := await server.send(chat, "a")).status_code == 503:
                pass
            assert answer.json() == {"answer": "One."}
        assert writer.calls == 1
        await end(chat)
