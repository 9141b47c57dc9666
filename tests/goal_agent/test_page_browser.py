"""The page in a real browser: a booking by clicking, a refusal, a reload, a worker that dies."""

import asyncio

import pytest
from playwright.async_api import expect

from offline_model.server import OfflineModel
from tests.goal_agent.browser import DESKTOP, PHONE, person
from tests.harness.forked_worker import ForkedWorker

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]  # a busy machine


@pytest.mark.parametrize(
    ("size", "picture"),
    [
        pytest.param(DESKTOP, "goal_agent.png", marks=pytest.mark.exhaustive),
        (PHONE, "goal_agent_phone.png"),
    ],
)
async def test_a_booking_from_the_greeting_to_the_invoice(
    address: str, size: tuple[int, int], picture: str
) -> None:
    with ForkedWorker("goal_agent"):
        async with person(address, size) as someone:
            await someone.start()
            await someone.say("Find me an event in Oslo in June.")
            await someone.agree("Find events")
            await expect(someone.said_by("tool")).to_contain_text("Jazz")
            await someone.say("The jazz one. I fly from Berlin.")
            await someone.agree("Search flights")
            await expect(someone.said_by("tool")).to_have_count(2)
            await someone.say("Book the cheapest. My email is ada@example.org.")
            await expect(someone.page.get_by_role("region")).to_contain_text("ada@example.org")
            await someone.picture(picture)
            await someone.agree("Create invoice")
            await expect(someone.said_by("tool").last).to_contain_text("was created for ada@")
            await expect(someone.page.get_by_text("This conversation has ended")).to_be_visible()
            await expect(someone.input).to_have_count(0)


@pytest.mark.exhaustive
async def test_a_refusal_a_reload_and_the_keyboard(address: str) -> None:
    with ForkedWorker("goal_agent"):
        async with person(address, PHONE) as someone:
            await someone.start()
            await expect(someone.input).to_be_focused()
            await someone.say("What will the weather be? <b>Tell me</b>")
            await expect(someone.said_by("agent")).to_have_count(2)
            await someone.say("Find me an event in Oslo in June.")
            await expect(someone.confirm).to_be_visible()
            before = await someone.log.inner_text()
            await someone.page.reload()
            assert await someone.log.inner_text() == before
            await someone.input.press_sequentially("half a thou")
            for key in ("Shift+Tab", "Shift+Tab"):  # from the input back to the card
                await someone.page.keyboard.press(key)
            await expect(someone.confirm).to_be_focused()
            await someone.page.keyboard.press("Enter")
            await expect(someone.said_by("tool")).to_have_count(1)
            await expect(someone.input).to_have_value("half a thou")
            await expect(someone.input).to_be_focused()


@pytest.mark.exhaustive  # the page says that it waits after 5 s
async def test_a_worker_dies_in_the_middle_and_the_answer_comes_from_the_next(
    address: str, model: OfflineModel
) -> None:
    async with person(address) as someone:
        model.latency = 60
        with ForkedWorker("goal_agent") as worker:
            await someone.start()
            calls = len(model.calls)
            await someone.say("Find me an event in Oslo in June.")
            await expect(someone.typing).to_have_count(1)
            assert await asyncio.to_thread(model.wait_until, lambda made: len(made) > calls, 25)
            worker.kill()
        await expect(someone.page.get_by_text("Waiting for the service")).to_be_visible()
        model.latency = 0
        with ForkedWorker("goal_agent"):
            await someone.agree("Find events")
            await expect(someone.said_by("tool")).to_contain_text("Jazz")
        await expect(someone.said_by("user")).to_have_count(1)


@pytest.mark.exhaustive
async def test_a_refused_prompt_is_kept_and_cancel_and_end_do_as_they_say(address: str) -> None:
    with ForkedWorker("goal_agent"):
        async with person(address) as someone:
            await someone.start()
            await someone.input.evaluate("input => input.value = ' '")
            await someone.input.press("Enter")
            await expect(someone.page.get_by_role("alert")).to_contain_text("text")
            await expect(someone.input).to_have_value(" ")
            await someone.say("Find me an event in Oslo in June.")
            await someone.page.get_by_role("button", name="Cancel").click()
            await expect(someone.confirm).to_have_count(0)
            await expect(someone.said_by("tool")).to_have_count(0)
            await expect(someone.page.get_by_role("alert")).to_be_empty()
            await someone.page.get_by_role("button", name="End chat").click()
            await expect(someone.page.get_by_text("This conversation has ended")).to_be_visible()
