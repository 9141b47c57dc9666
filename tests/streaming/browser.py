"""A user of the page: a real browser that must contact no other host."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import BrowserContext, Locator, Page, Request, async_playwright, expect

from offline_model.answers.streaming import SEQUEL, STORY
from tests.harness.browser import DESKTOP, PHONE, TIMEOUT_MS, BrowserUser, chromium

LOCAL = "http://127.0.0.1:"
ASKED = "Tell me a story about a lighthouse."
STORY_TEXT = STORY.format(a="a", subject="lighthouse")
SEQUEL_TEXT = SEQUEL.format(subject="lighthouse")


class PageUser(BrowserUser):
    """A user who reads a chat, types, and presses Enter."""

    def __init__(self, page: Page) -> None:
        super().__init__(page, LOCAL)
        self.input = page.get_by_label("Your message")
        self.answers = page.locator("article.agent .answer")
        self.writing = page.locator("article.agent[aria-busy]")
        self.lost = page.locator("article.agent del")
        self.status = page.get_by_role("status")
        page.set_default_timeout(TIMEOUT_MS)

    @property
    def messages(self) -> Locator:
        """All messages, of both sides."""
        return self.page.get_by_role("article")

    async def say(self, text: str) -> None:
        """Type a message, and press Enter."""
        await expect(self.page.get_by_role("button", name="Send")).to_be_enabled()
        await self.input.press_sequentially(text)
        await self.input.press("Enter")

    async def until_partly_shown(self, text: str = "girl named Ines") -> None:
        """Wait until a part of the story is shown, and the model still writes."""
        await expect(self.writing.locator(".partial")).to_contain_text(text)

    async def expect_answers(self, *texts: str) -> None:
        """Wait until exactly these answers are shown, each once, and nothing is being written."""
        await expect(self.writing).to_have_count(0)
        await expect(self.answers).to_have_count(len(texts))
        assert await self.answers.all_inner_texts() == list(texts)
        await expect(self.messages).to_have_count(2 * len(texts))
        await expect(self.page.locator(".partial")).to_have_count(0)
        assert self.errors == []


@asynccontextmanager
async def browser(size: tuple[int, int] = DESKTOP) -> AsyncIterator[BrowserContext]:
    """Open a browser; at the end, check that no tab contacted another host or is too wide."""
    other_hosts: list[str] = []

    def note(request: Request) -> None:
        if not request.url.startswith(LOCAL):
            other_hosts.append(request.url)

    async with async_playwright() as playwright:
        program = await playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox"]
        )
        context = await program.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if size == PHONE else "light",
        )
        context.on("request", note)
        yield context
        for page in context.pages:
            wide = await page.evaluate("document.documentElement.scrollWidth")
            assert wide <= size[0], "the page is wider than the window"
        await program.close()
    assert other_hosts == []


async def open_chat(context: BrowserContext, url: str) -> PageUser:
    """Open a chat in a new tab."""
    user = PageUser(await context.new_page())
    await user.page.goto(url)
    return user
