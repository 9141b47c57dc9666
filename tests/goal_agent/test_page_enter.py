"""The input works from the first moment on, also before the page has its scripts."""

import pytest

from sample_cli.processes import until
from tests.goal_agent.browser import person
from tests.harness.forked_worker import ForkedWorker


@pytest.mark.browser
@pytest.mark.exhaustive
async def test_enter_sends_before_htmx_is_there(address: str) -> None:
    with ForkedWorker("goal_agent"):
        async with person(address) as someone:
            await someone.page.route("**/*htmx*", lambda route: route.abort())
            await someone.page.goto(address)
            await someone.page.get_by_role("button", name="Start: Visit an event").click()
            await someone.input.fill("Find me an event in Oslo in June.")
            await someone.input.press("Enter")

            async def sent() -> bool:
                await someone.page.reload()
                return "Oslo" in await someone.log.inner_text()

            await until(sent)
            assert not await someone.page.evaluate("'htmx' in window")
            someone.errors.clear()  # what page.js says of it
