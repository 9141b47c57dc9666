"""Calls of an agent that another agent calls as a tool."""

import pytest

from human_in_the_loop.models import Verdict
from human_in_the_loop.run_worker import build_worker
from tests.harness.workers import input_texts, serving
from tests.human_in_the_loop.desk import EMAIL, decide, ledger, nested, start, wait_for_pending


@pytest.mark.parametrize("verdict", ["approve", "edit", "reject"])
async def test_tool_of_a_nested_agent_waits_for_a_decision(verdict: Verdict) -> None:
    edited = {**EMAIL, "body": "We are very sorry."}
    fields = {"edited_arguments": edited} if verdict == "edit" else {}
    model = nested()
    async with serving(build_worker, model) as client:
        handle = await start(client)
        pending = (await wait_for_pending(handle, "n2"))["n2"]
        assert (pending.agent, pending.tool) == ("Correspondent", "send_email")
        await decide(handle, pending, verdict, **fields)
        assert (await handle.result()).answer == "Done."
        sent = {"approve": [tuple(EMAIL.values())], "edit": [tuple(edited.values())]}
        assert ledger(handle, "outbox") == sent.get(verdict, [])
    model.assert_complete()
    expected = {"edit": "A person changed", "approve": "The email", "reject": "A person rejected"}
    assert input_texts(model.calls[2])[-1].startswith(expected[verdict])
