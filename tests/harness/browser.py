"""Chromium for the tests of pages, and where their pictures go."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

import pytest
from playwright.async_api import ConsoleMessage, Page, Request, async_playwright, expect

PROGRAMS = ("chromium", "google-chrome")
MISSING = "Chromium is missing: apt-get install chromium"
DESKTOP, PHONE = (1100, 760), (390, 844)
TIMEOUT_MS = 60_000
"""Milliseconds. A busy machine stalls for seconds."""

IMAGES = Path(__file__).parents[2] / "docs" / "images"
expect.set_options(timeout=TIMEOUT_MS)


def chromium() -> str:
    """Return the path of Chromium; without it, skip the test, or fail it in CI."""
    found = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if not found and os.environ.get("CI"):
        pytest.fail(MISSING)
    return found or pytest.skip(MISSING)


class BrowserUser:
    """A user with a page in a real browser, which must contact no other host.

    Attributes:
        errors: Errors of the page's scripts, and what its content security policy has blocked.
            None may be left at the end.
    """

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.other_hosts: list[str] = []
        self.errors: list[str] = []
        page.on("request", self._note)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._note_console)

    def _note(self, request: Request) -> None:
        if not request.url.startswith(self.address):
            self.other_hosts.append(request.url)

    def _note_console(self, message: ConsoleMessage) -> None:
        # Chromium's and htmx's reports of a status, which some tests expect.
        is_status = message.text.startswith(("Failed to load resource", "Response Status Error"))
        if message.type == "error" and not is_status:
            self.errors.append(message.text)

    async def screenshot(self, name: str) -> None:
        """Take a screenshot for the README if `PICTURES` is set."""
        if "PICTURES" in os.environ:
            await self.page.mouse.move(0, 0)
            await self.page.screenshot(path=IMAGES / name, animations="disabled")


U = TypeVar("U", bound=BrowserUser)


@asynccontextmanager
async def open_page_as(
    user_type: type[U], address: str, size: tuple[int, int] = DESKTOP
) -> AsyncIterator[U]:
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
        user = user_type(page, address)
        yield user
        wide = await page.evaluate("document.documentElement.scrollWidth")
        assert wide <= size[0], "the page is wider than the window"
        await browser.close()
    assert not user.other_hosts, user.other_hosts
    assert not user.errors, user.errors


open_page = partial(open_page_as, BrowserUser)
