"""Messages and replies that a run carries into the next one are known there by their ids."""

from agents.testing import ScriptedModel, assistant_message

from conversations.run_worker import build_worker
from tests.conversations.steerable import Held, accepted, answer, end, say, start
from tests.harness.workers import serving


async def test_message_carried_into_an_ending_run_is_answered_once_although_it_is_resent() -> None:
    held = Held(assistant_message("A."))
    model = ScriptedModel([held.step()])
    async with serving(build_worker, model) as client:
        carried = [{"id": "carried", "text": "one"}]
        handle = await start(client, waiting=carried, ending=True)
        await held.called()
        resent = await accepted(handle, "one", id="carried")
        held.release()
        assert (await resent.result()).text == "A."
        assert await handle.result() == 1


async def test_last_ten_replies_are_known_in_the_next_run() -> None:
    model = ScriptedModel([answer("A."), answer("B.")])
    replies = {f"{n}": {"outcome": "answered", "text": f"Reply {n}."} for n in range(10)}
    async with serving(build_worker, model) as client:
        handle = await start(client, replies=replies, turns_per_run=1)
        assert (await say(handle, "one", id="one")).text == "A."
        assert (await say(handle, "x", id="1")).text == "Reply 1."
        assert (await say(handle, "x", id="0")).text == "B."  # it was dropped
        assert await end(handle) == 2
