"""The page in a real browser that cannot load its script library."""

import pytest

from sample_cli.processes import until
from tests.goal_agent.page_user import open_page
from tests.harness.forked_worker import ForkedWorker

pytestmark = pytest.mark.browser


@pytest.mark.exhaustive
async def test_enter_sends_without_htmx(address: str) -> None:
    with ForkedWorker("goal_agent"):
        async with open_page(address) as user:
            await user.page.route("**/*htmx*", lambda route: route.abort())
            await user.page.goto(address)
            await user.page.get_by_role("button", name="Start: Visit an event").click()
            await user.input.fill("Find me an event in Oslo in June.")
            await user.input.press("Enter")

            async def sent() -> bool:
                await user.page.reload()
                return "Oslo" in await user.log.inner_text()

            await until(sent)
            assert not await user.page.evaluate("'htmx' in window")
            user.errors.clear()
