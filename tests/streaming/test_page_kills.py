"""The page while parts are killed: the text is exact afterwards, and nothing is shown twice."""

from durable_agents import connect

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import expect

from offline_model.server import OfflineModel
from sample_cli.catalog import find
from sample_cli.processes import free_port, until
from tests.harness.forked_worker import ForkedWorker
from tests.harness.kills import fail_lost_activities
from tests.harness.processes import ForkedScript
from tests.harness.starters import Starters
from tests.streaming.browser import ASKED, SEQUEL_TEXT, STORY_TEXT, browser, open_chat
from tests.streaming.chats import end, start
from tests.streaming.web import service

pytestmark = pytest.mark.browser

SCRIPT = find("streaming/api").starter


async def test_page_continues_after_the_service_was_killed(
    model: OfflineModel, tmp_path: Path
) -> None:
    model.stream_interval, port = 0.04, str(free_port())
    handle = await start(await connect())
    with ForkedWorker("streaming"):
        async with browser() as context:
            with ForkedScript(SCRIPT, "--port", port, folder=tmp_path) as script:

                async def is_up() -> bool:
                    return "Serving on" in script.out

                await until(is_up)
                user = await open_chat(context, f"http://127.0.0.1:{port}/chats/{handle.id}")
                await user.say(ASKED)
                await user.until_partly_shown()
                script.kill()
                await expect(user.status).to_contain_text("Connection lost")
            with ForkedScript(SCRIPT, "--port", port, folder=tmp_path):
                await user.expect_answers(STORY_TEXT)
                await expect(user.status).to_be_hidden()
                await user.say("And then?")
                await user.expect_answers(STORY_TEXT, SEQUEL_TEXT)
                await end(handle)
                await expect(user.page.get_by_text("This chat has ended.")).to_be_visible()
    assert len([call for call in model.calls if call.status == 200]) == 2


async def test_page_strikes_through_the_text_of_a_killed_worker(model: OfflineModel) -> None:
    model.stream_interval = 0.04
    client = await connect()
    handle, starters = await start(client), Starters([])
    starters.workflows[handle.id] = "streaming/stream"
    async with service(client) as server, browser() as context:
        with ForkedWorker("streaming") as worker:
            user = await open_chat(context, f"{server.http.base_url}/chats/{handle.id}")
            await user.say(ASKED)
            await user.until_partly_shown()
            worker.kill()
        await expect(user.status).to_contain_text("No worker answers")
        lost = await user.page.locator(".partial").inner_text()
        failing = asyncio.create_task(fail_lost_activities(worker.identity, starters, client))
        model.stream_interval = 0.3  # "Attempt 2" is shown until the answer is complete
        with ForkedWorker("streaming"):
            await expect(user.lost).to_contain_text(lost.strip())
            text = await user.lost.inner_text()  # the worker had published more before it died
            assert STORY_TEXT.startswith(text.strip())
            await expect(user.page.get_by_text("Attempt 2")).to_be_visible()
            late = await open_chat(context, user.page.url)
            model.stream_interval = 0
            for tab in (user, late):
                await tab.expect_answers(STORY_TEXT)
                await expect(tab.lost).to_have_count(1)
                await expect(tab.status).to_be_hidden()
            await end(handle)
        failing.cancel()
