"""A user of the page, in a real browser."""

from functools import partial

from playwright.async_api import Locator, Page, expect

from tests.harness.browser import BrowserUser, open_page_as


class PageUser(BrowserUser):
    """A user who reads the page, types, and presses buttons."""

    def __init__(self, page: Page, address: str) -> None:
        super().__init__(page, address)
        self.log = page.get_by_role("log")
        self.input = page.get_by_label("Your message")
        self.confirm = page.get_by_role("button", name="Confirm")
        self.typing = page.get_by_text("The agent is thinking")

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


open_page = partial(open_page_as, PageUser)
