"""The page in a real browser: streaming, refresh, tabs, the keyboard, and later runs."""

from durable_agents import connect

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import expect

from offline_model.server import OfflineModel
from streaming.reader import new_chat_id
from tests.harness.browser import DESKTOP, PHONE
from tests.harness.forked_worker import ForkedWorker
from tests.streaming.browser import ASKED, SEQUEL_TEXT, STORY_TEXT, PageUser, browser, open_chat
from tests.streaming.chats import end, start
from tests.streaming.web import service

pytestmark = pytest.mark.browser


@pytest.fixture
async def address(model: OfflineModel) -> AsyncIterator[str]:
    """The address of the service, next to a worker whose model writes slowly."""
    model.stream_interval = 0.03
    with ForkedWorker("streaming"):
        async with service(await connect()) as server:
            yield str(server.http.base_url).rstrip("/")


@pytest.mark.parametrize(
    ("size", "picture"),
    [
        pytest.param(DESKTOP, "streaming.png", marks=pytest.mark.exhaustive),
        (PHONE, "streaming_phone.png"),
    ],
)
async def test_page_shows_text_while_the_model_writes(
    address: str, size: tuple[int, int], picture: str
) -> None:
    async with browser(size) as context:
        user = PageUser(await context.new_page())
        await user.page.goto(address)
        await user.page.keyboard.press("Tab")
        await user.page.keyboard.press("Enter")  # starts a chat, without a mouse
        await expect(user.input).to_be_focused()
        await user.say(ASKED)
        await user.until_partly_shown("kept your chair warm")
        await user.screenshot(picture)
        await user.expect_answers(STORY_TEXT)
        await user.say("And then?")
        await user.expect_answers(STORY_TEXT, SEQUEL_TEXT)
        await user.page.get_by_role("button", name="End chat").press("Enter")
        await expect(user.page.get_by_text("This chat has ended.")).to_be_visible()
        await expect(user.input).to_be_hidden()
        another = user.page.get_by_role("link", name="Start another", exact=True)
        await expect(another).to_be_focused()


async def test_refreshed_and_second_tab_show_the_same_text(address: str) -> None:
    async with browser() as context:
        user = PageUser(await context.new_page())
        await user.page.goto(address)
        await user.page.get_by_role("button", name="Start a chat").click()
        await user.say(ASKED)
        await user.until_partly_shown()
        second = await open_chat(context, user.page.url)
        await user.page.reload()
        await user.until_partly_shown()
        await second.until_partly_shown()
        for tab in (user, second):
            await tab.expect_answers(STORY_TEXT)
        await second.say("And then?")
        for tab in (user, second):
            await tab.expect_answers(STORY_TEXT, SEQUEL_TEXT)
            await tab.page.reload()
            await tab.expect_answers(STORY_TEXT, SEQUEL_TEXT)


async def test_page_shows_a_chat_over_several_runs(address: str) -> None:
    handle = await start(await connect(), turns_per_run=1)
    async with browser() as context:
        user = await open_chat(context, f"{address}/chats/{handle.id}")
        for number in range(3):
            await user.say("And then?" if number else ASKED)
            await user.expect_answers(STORY_TEXT, *[SEQUEL_TEXT] * number)
        assert (await handle.describe()).run_id != handle.first_execution_run_id
        await user.page.reload()
        await user.expect_answers(STORY_TEXT, SEQUEL_TEXT, SEQUEL_TEXT)
        await end(handle)
        await expect(user.page.get_by_text("This chat has ended.")).to_be_visible()


async def test_unsent_message_is_restored_with_the_reason(address: str) -> None:
    handle = await start(await connect())
    async with browser() as context:
        user = await open_chat(context, f"{address}/chats/{handle.id}")
        await user.page.evaluate("document.getElementById('text').maxLength = 9000")
        await user.input.fill("x" * 4_001)
        await user.input.press("Enter")
        await expect(user.page.get_by_role("alert")).to_contain_text("Not sent: ")
        assert len(await user.input.input_value()) == 4_001
        await expect(user.messages).to_have_count(0)
        await user.input.fill("<b>Tell</b>")
        await user.input.press("Enter")
        await expect(user.messages.first).to_contain_text("<b>Tell</b>")
        assert new_chat_id() not in user.page.url
        await end(handle)
