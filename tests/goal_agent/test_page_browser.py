"""The page in a real browser: booking, rejected prompt, reload, keyboard, and a killed worker."""

import asyncio

import pytest
from playwright.async_api import expect

from offline_model.server import OfflineModel
from tests.goal_agent.page_user import open_page
from tests.harness.browser import DESKTOP, PHONE
from tests.harness.forked_worker import ForkedWorker

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("size", "picture"),
    [
        pytest.param(DESKTOP, "goal_agent.png", marks=pytest.mark.exhaustive),
        (PHONE, "goal_agent_phone.png"),
    ],
)
async def test_page_books_a_trip(address: str, size: tuple[int, int], picture: str) -> None:
    with ForkedWorker("goal_agent"):
        async with open_page(address, size) as user:
            await user.start()
            await user.say("Find me an event in Oslo in June.")
            await user.confirm_step("Find events")
            await expect(user.messages_of("tool")).to_contain_text("Jazz")
            await user.say("The jazz one. I fly from Berlin.")
            await user.confirm_step("Search flights")
            await expect(user.messages_of("tool")).to_have_count(2)
            await user.say("Book the cheapest. My email is ada@example.org.")
            await expect(user.page.get_by_role("region")).to_contain_text("ada@example.org")
            await user.screenshot(picture)
            await user.confirm_step("Create invoice")
            await expect(user.messages_of("tool").last).to_contain_text("was created for ada@")
            await expect(user.page.get_by_text("This conversation has ended")).to_be_visible()
            await expect(user.input).to_have_count(0)
            await expect(user.page.get_by_role("link", name="Start a new one")).to_be_focused()


@pytest.mark.exhaustive
async def test_page_supports_reload_and_keyboard(address: str) -> None:
    with ForkedWorker("goal_agent"):
        async with open_page(address, PHONE) as user:
            await user.start()
            await expect(user.input).to_be_focused()
            await user.say("What will the weather be? <b>Tell me</b>")
            await expect(user.messages_of("agent")).to_have_count(2)
            await user.say("Find me an event in Oslo in June.")
            await expect(user.confirm).to_be_visible()
            before = await user.log.inner_text()
            await user.page.reload()
            assert await user.log.inner_text() == before
            await user.input.press_sequentially("half a sentence")
            for key in ("Shift+Tab", "Shift+Tab"):  # from the input back to the card
                await user.page.keyboard.press(key)
            await expect(user.confirm).to_be_focused()
            await user.page.keyboard.press("Enter")
            await expect(user.messages_of("tool")).to_have_count(1)
            await expect(user.input).to_have_value("half a sentence")
            await expect(user.input).to_be_focused()


@pytest.mark.exhaustive  # the page notices after 5 s
async def test_page_shows_the_answer_after_the_worker_was_killed(
    address: str, model: OfflineModel
) -> None:
    async with open_page(address) as user:
        model.latency = 60
        with ForkedWorker("goal_agent") as worker:
            await user.start()
            calls = len(model.calls)
            await user.say("Find me an event in Oslo in June.")
            await expect(user.typing).to_have_count(1)
            assert await asyncio.to_thread(model.wait_until, lambda made: len(made) > calls, 25)
            worker.kill()
        await expect(user.page.get_by_text("Waiting for the service")).to_be_visible()
        model.latency = 0
        with ForkedWorker("goal_agent"):
            await user.confirm_step("Find events")
            await expect(user.messages_of("tool")).to_contain_text("Jazz")
        await expect(user.messages_of("user")).to_have_count(1)


@pytest.mark.exhaustive
async def test_page_keeps_a_rejected_prompt_and_can_cancel_and_end(address: str) -> None:
    with ForkedWorker("goal_agent"):
        async with open_page(address) as user:
            await user.start()
            await user.input.evaluate("input => input.value = ' '")
            await user.input.press("Enter")
            await expect(user.page.get_by_role("alert")).to_contain_text("text")
            await expect(user.input).to_have_value(" ")
            await user.say("Find me an event in Oslo in June.")
            await user.page.get_by_role("button", name="Cancel").click()
            await expect(user.confirm).to_have_count(0)
            await expect(user.messages_of("tool")).to_have_count(0)
            await expect(user.page.get_by_role("alert")).to_be_empty()
            await user.page.get_by_role("button", name="End chat").click()
            await expect(user.page.get_by_text("This conversation has ended")).to_be_visible()
