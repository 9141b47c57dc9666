"""A user of the page: a real browser that must contact no other host."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, Request, async_playwright, expect

PROGRAMS = ("chromium", "google-chrome")
MISSING = "Chromium is missing: apt-get install chromium"
DESKTOP, PHONE = (1100, 760), (390, 844)
TIMEOUT_MS = 20_000
"""Milliseconds. A busy machine stalls for seconds."""

IMAGES = Path(__file__).parents[2] / "docs" / "images"
expect.set_options(timeout=TIMEOUT_MS)


def chromium() -> str:
    """Return the path of Chromium; without it, skip the test, or fail it in CI."""
    found = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if not found and os.environ.get("CI"):
        pytest.fail(MISSING)
    return found or pytest.skip(MISSING)


class PageUser:
    """A user who reads the page, types, and presses buttons."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.log = page.get_by_role("log")
        self.input = page.get_by_label("Your message")
        self.confirm = page.get_by_role("button", name="Confirm")
        self.typing = page.get_by_text("The agent is thinking")
        self.other_hosts: list[str] = []
        self.errors: list[str] = []
        page.on("request", self._note)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _note(self, request: Request) -> None:
        if not request.url.startswith(self.address):
            self.other_hosts.append(request.url)

    async def start(self, goal: str = "Visit an event") -> None:
        """Pick a goal, and wait for the greeting."""
        await self.page.goto(self.address)
        await self.page.get_by_role("button", name=f"Start: {goal}").click()
        await expect(self.messages_of("agent")).to_have_count(1)

    def messages_of(self, actor: str) -> Locator:
        """Return the messages of one actor."""
        return self.log.locator(f"article.{actor}")

    async def say(self, text: str) -> None:
        """Type a message, and press Enter."""
        await self.input.press_sequentially(text)
        await self.input.press("Enter")
        await expect(self.messages_of("user").last).to_contain_text(text)

    async def confirm_step(self, tool: str) -> None:
        """Press the confirm button on a tool's card."""
        await expect(self.page.get_by_role("region", name=tool)).to_be_visible()
        await self.confirm.click()
        await expect(self.confirm).to_have_count(0)

    async def screenshot(self, name: str) -> None:
        """Take a screenshot for the README if `PICTURES` is set."""
        if "PICTURES" in os.environ:
            await self.page.mouse.move(0, 0)
            await self.page.screenshot(path=IMAGES / name, animations="disabled")


@asynccontextmanager
async def open_page(address: str, size: tuple[int, int] = DESKTOP) -> AsyncIterator[PageUser]:
    """Open a browser; at the end, check for requests to other hosts and script errors."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox"]
        )
        page = await browser.new_page(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if size == PHONE else "light",
        )
        page.set_default_timeout(TIMEOUT_MS)
        user = PageUser(page, address)
        yield user
        wide = await page.evaluate("document.documentElement.scrollWidth")
        assert wide <= size[0], "the page is wider than the window"
        await browser.close()
    assert user.other_hosts == []
    assert user.errors == []
