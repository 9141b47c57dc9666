"""Many tabs of one chat: one reading loop, a limit, and shutdown."""

import asyncio
from contextlib import AsyncExitStack
from unittest.mock import patch

import pytest
from temporalio.client import WorkflowHandle

from streaming.web import app, gateway
from streaming.web.gateway import ChatGateway
from tests.streaming.chats import Writer, accepted, answers, end, serving_chats, start
from tests.streaming.web import Tab, service, shows

TABS = 200


async def test_many_tabs_share_one_reading_loop() -> None:
    writer = Writer()
    async with serving_chats(writer) as client, service(client) as server:
        chat = await start(client)
        tabs = [Tab(server.http, chat) for _ in range(TABS)]
        with patch.object(
            WorkflowHandle, "query", autospec=True, side_effect=WorkflowHandle.query
        ) as query:
            reading = [asyncio.create_task(tab.read(shows("Once upon"))) for tab in tabs]
            update = await accepted(chat, "a")
            writer.answer("Once", " upon")
            await update.result()
            async with asyncio.timeout(20):
                await asyncio.gather(*reading)
        assert all(tab.shown == [["a", "Once upon"]] for tab in tabs)
        assert query.call_count < TABS / 4
        await end(chat)


async def test_tabs_above_the_limit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "MAX_TABS", 1)
    async with serving_chats(answers()) as client, service(client) as server:
        chat = await start(client)
        opened = asyncio.Event()
        first = Tab(server.http, chat)

        def note(_: Tab) -> bool:
            opened.set()
            return False

        reading = asyncio.create_task(first.read(note))
        await opened.wait()
        async with server.http.stream("GET", f"/chats/{chat.id}/events") as refused:
            status = (refused.status_code, refused.headers.get("retry-after"))
        await end(chat)
        await reading
        assert status == (503, "1")
        assert first.received[-1] == "ended"


async def test_open_streams_do_not_delay_shutdown() -> None:
    async with serving_chats(answers()) as client:
        chat = await start(client)
        async with AsyncExitStack() as running:
            server = await running.enter_async_context(service(client))
            tab, opened = Tab(server.http, chat), asyncio.Event()

            def note(tab: Tab) -> bool:
                if tab.status:
                    opened.set()
                return False

            reading = asyncio.create_task(tab.read(note))
            await opened.wait()
            async with asyncio.timeout(4):
                await running.aclose()
                await reading
        assert "ended" not in tab.received, "the browser would not reconnect"
        await end(chat)


async def test_known_chats_are_found_without_a_request_and_are_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gateway, "MAX_KNOWN", 1)
    async with serving_chats(answers()) as client:
        chats, finder = [await start(client), await start(client)], ChatGateway(client)
        with patch.object(
            WorkflowHandle, "describe", autospec=True, side_effect=WorkflowHandle.describe
        ) as describe:
            for chat, requests in ((0, 1), (0, 1), (1, 2), (1, 2), (0, 3)):
                await finder.find(chats[chat].id)
                assert describe.call_count == requests
        for each in chats:
            await end(each)
