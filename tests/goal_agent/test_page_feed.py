"""An open page queries the workflow during a turn and after a change, and not while it is idle."""

import pytest

from goal_agent.goals import DEFAULT
from goal_agent.models import ConversationHistory, ConversationStatus, Message
from goal_agent.run_worker import build_worker
from goal_agent.web.feed import IDLE_POLLS, Feed
from tests.goal_agent.web import FixedGateway, KeywordModel, serving_api

HISTORY = ConversationHistory(
    goal=DEFAULT,
    summary=None,
    messages=[Message(actor="agent", text="Hello")],
    tool_data=None,
    activity=ConversationStatus.IDLE,
    queued=0,
)


async def polls(feed: Feed, count: int) -> ConversationHistory:
    """Poll as the page does, without its pauses; return the last result."""
    return [await feed.latest() for _ in range(count)][-1]


async def test_idle_page_makes_no_query() -> None:
    for activity in (ConversationStatus.IDLE, ConversationStatus.CONFIRMING):
        gateway = FixedGateway(HISTORY.model_copy(update={"activity": activity}))
        feed = Feed(gateway, "1")
        await feed.latest()
        gateway.queries = gateway.looks = 0
        await polls(feed, 100 * IDLE_POLLS)
        assert (gateway.queries, gateway.looks) == (0, 100)


async def test_change_by_another_client_is_queried_once() -> None:
    gateway = FixedGateway(HISTORY)
    feed = Feed(gateway, "1")
    await feed.latest()
    gateway.queries = 0
    gateway.now = HISTORY.model_copy(update={"summary": "Changed."})
    assert await polls(feed, 3 * IDLE_POLLS) == gateway.now
    assert gateway.queries == 1


async def test_change_by_this_service_is_shown_at_the_next_poll_of_each_page() -> None:
    gateway = FixedGateway(HISTORY)
    pages = [Feed(gateway, "1"), Feed(gateway, "1")]
    for page in pages:
        await page.latest()
    gateway.now = HISTORY.model_copy(update={"summary": "Changed."})
    gateway.changes_of("1").count += 1
    assert [await page.latest() for page in pages] == [gateway.now, gateway.now]


async def test_turn_is_queried_at_every_poll() -> None:
    for update in ({"activity": ConversationStatus.THINKING}, {"queued": 1}):
        gateway = FixedGateway(HISTORY.model_copy(update=update))
        await polls(Feed(gateway, "1"), 10)
        assert gateway.queries == 10


async def test_change_right_after_a_query_is_found() -> None:
    class Changing(FixedGateway):
        async def history(self, conversation_id: str) -> ConversationHistory:
            result = await super().history(conversation_id)
            if self.queries == 2:
                self.now = result.model_copy(update={"earlier": 2})
            return result

    gateway = Changing(HISTORY)
    feed = Feed(gateway, "1")
    await feed.latest()
    gateway.now = HISTORY.model_copy(update={"earlier": 1})
    assert (await polls(feed, 3 * IDLE_POLLS)).earlier == 2


@pytest.mark.exhaustive
async def test_version_changes_with_messages_and_not_with_queries() -> None:
    async with serving_api(build_worker, KeywordModel()) as service:
        path = await service.start("hello")
        await service.wait_for(path, lambda now: now.answered == 1)
        gateway, id = service.app.state.gateway, path.rpartition("/")[2]
        before = await gateway.version(id)
        await gateway.history(id)
        assert await gateway.version(id) == before
        await gateway.send(id, "again")
        assert await gateway.version(id) != before
