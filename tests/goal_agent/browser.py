"""A person at the page: a real browser, which reaches no other host."""

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
WITHIN = 20_000
"""Milliseconds: a busy machine stalls for seconds."""

IMAGES = Path(__file__).parents[2] / "docs" / "images"
expect.set_options(timeout=WITHIN)


def chromium() -> str:
    """Return the browser's program; without it, skip the test, or fail it where CI runs it."""
    found = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if not found and os.environ.get("CI"):
        pytest.fail(MISSING)
    return found or pytest.skip(MISSING)


class Person:
    """Somebody who looks at a page, types and presses buttons."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.log = page.get_by_role("log")
        self.input = page.get_by_label("Your message")
        self.confirm = page.get_by_role("button", name="Confirm")
        self.typing = page.get_by_text("The agent is thinking")
        self.elsewhere: list[str] = []
        self.errors: list[str] = []
        page.on("request", self._note)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _note(self, request: Request) -> None:
        if not request.url.startswith(self.address):
            self.elsewhere.append(request.url)

    async def start(self, goal: str = "Visit an event") -> None:
        """Pick a goal, and see the greeting."""
        await self.page.goto(self.address)
        await self.page.get_by_role("button", name=f"Start: {goal}").click()
        await expect(self.said_by("agent")).to_have_count(1)

    def said_by(self, actor: str) -> Locator:
        """Return what one of them has said."""
        return self.log.locator(f"article.{actor}")

    async def say(self, text: str) -> None:
        """Type something, and press Enter."""
        await self.input.press_sequentially(text)
        await self.input.press("Enter")
        await expect(self.said_by("user").last).to_contain_text(text)

    async def agree(self, tool: str) -> None:
        """Press the button of a tool's card."""
        await expect(self.page.get_by_role("region", name=tool)).to_be_visible()
        await self.confirm.click()
        await expect(self.confirm).to_have_count(0)

    async def picture(self, name: str) -> None:
        """Take the picture of the documentation, if that is what the tests are run for."""
        if "PICTURES" in os.environ:
            await self.page.mouse.move(0, 0)
            await self.page.screenshot(path=IMAGES / name, animations="disabled")


@asynccontextmanager
async def person(address: str, size: tuple[int, int] = DESKTOP) -> AsyncIterator[Person]:
    """Put somebody before a browser; at the end, check that nothing was asked of other hosts."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox"]
        )
        page = await browser.new_page(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if size == PHONE else "light",
        )
        page.set_default_timeout(WITHIN)
        someone = Person(page, address)
        yield someone
        wide = await page.evaluate("document.documentElement.scrollWidth")
        assert wide <= size[0], "the page is wider than the window"
        await browser.close()
    assert someone.elsewhere == []
    assert someone.errors == []
