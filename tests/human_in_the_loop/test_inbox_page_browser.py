"""The inbox in a real browser: by mouse and keyboard, on a desktop and on a phone."""

import pytest
from playwright.async_api import Locator, Page, expect

from tests.harness.browser import DESKTOP, PHONE, open_page
from tests.harness.services import listening
from tests.human_in_the_loop.desk import ledger, three_at_once
from tests.human_in_the_loop.service import serving_inbox

pytestmark = pytest.mark.browser


def card(page: Page, number: int = 0) -> Locator:
    return page.get_by_role("article").nth(number)


async def enter(page: Page, address: str, name: str) -> None:
    """Open the inbox under a name."""
    await page.goto(address)
    await page.get_by_label("Your name").fill(name)
    await page.get_by_role("button", name="Refresh").click()
    await expect(page.get_by_label("Your name")).to_have_value(name)


@pytest.mark.parametrize(
    ("size", "picture"), [(DESKTOP, "inbox.png"), (PHONE, "inbox_phone.png")], ids=str
)
async def test_page_edits_approves_and_rejects(size: tuple[int, int], picture: str) -> None:
    async with serving_inbox(1, three_at_once()) as (service, [handle]):
        await service.wait_for(3)
        async with listening(service.app) as address, open_page(address, size) as user:
            page = user.page
            await page.goto(address)
            await expect(page.get_by_text("Enter your name to decide.")).to_be_visible()
            await expect(page.get_by_role("button", name="Approve")).to_have_count(0)
            await enter(page, address, "Ada")
            await expect(page.get_by_role("article")).to_have_count(3)
            await user.screenshot(picture)
            arguments = card(page).get_by_label("Arguments")
            await arguments.fill('{"order_id": "1002", "cents": "all"}')
            await card(page).get_by_role("button", name="Approve").click()
            alert = page.get_by_role("alert")
            await expect(alert).to_contain_text("'all' is not of type 'integer'")
            await expect(arguments).to_have_value('{"order_id": "1002", "cents": "all"}')
            await arguments.fill('{"order_id": "1002", "cents": 700}')
            await card(page).get_by_role("button", name="Approve").click()
            await expect(page.get_by_role("status")).to_have_text("You edited refund.")
            voucher = page.get_by_role("article", name="issue_voucher")
            await voucher.get_by_label("Message").fill("No vouchers")
            await voucher.get_by_role("button", name="Reject").click()
            await expect(page.get_by_role("status")).to_have_text("You rejected issue_voucher.")
            await card(page).get_by_role("button", name="Approve").click()
            await expect(page.get_by_text("0 pending.")).to_be_visible()
        outcome = await handle.result()
        assert [each.verdict for each in outcome.decisions] == ["edit", "reject", "approve"]
        assert sorted(ledger(handle)) == [("1002", 700), ("1003", 12_500)]


async def test_page_works_by_keyboard() -> None:
    async with serving_inbox(2) as (service, _):
        await service.wait_for(2)
        async with listening(service.app) as address, open_page(address, PHONE) as user:
            page, keys = user.page, user.page.keyboard
            await page.goto(address)
            await keys.press("Tab")
            await keys.type("Ada")
            await keys.press("Enter")
            await expect(page.get_by_role("button", name="Approve")).to_have_count(2)
            for _ in range(6):  # name, tool, age, Refresh, arguments, Approve
                await keys.press("Tab")
            await expect(card(page).get_by_role("button", name="Approve")).to_be_focused()
            await keys.press("Enter")
            await expect(page.get_by_role("status")).to_have_text("You approved refund.")
            for _ in range(3):  # from the notice to the next card: arguments, Approve, message
                await keys.press("Tab")
            await expect(card(page).get_by_label("Message")).to_be_focused()
            await keys.type("Not now")
            await keys.press("Enter")  # must not approve
            await expect(page.get_by_role("status")).to_have_text("You rejected refund.")


async def test_second_of_two_people_reads_who_decided() -> None:
    async with serving_inbox(1) as (service, _):
        await service.wait_for(1)
        async with (
            listening(service.app) as address,
            open_page(address) as ada,
            open_page(address) as ben,
        ):
            await enter(ada.page, address, "Ada")
            await enter(ben.page, address, "Ben")
            await card(ada.page).get_by_role("button", name="Approve").click()
            await expect(ada.page.get_by_role("status")).to_have_text("You approved refund.")
            await card(ben.page).get_by_role("button", name="Reject").click()
            alert = ben.page.get_by_role("alert")
            await expect(alert).to_contain_text("refund was already approved by Ada at 20")
