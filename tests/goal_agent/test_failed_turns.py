"""Model calls that fail: the turn says so, nothing is half done, and the talk goes on."""

from pathlib import Path

import pytest
from agents.testing import ModelCall
from temporalio.exceptions import ApplicationError

from goal_agent.models import StepState
from goal_agent.run_worker import build_worker
from tests.goal_agent.talking import (
    EVENTS,
    INVOICE,
    begin,
    end,
    invoices,
    obedient,
    obey,
    say,
    settled,
    texts,
    waiting,
)
from tests.harness.workers import serving


async def test_a_failed_model_call_ends_its_turn_and_the_next_prompt_is_answered() -> None:
    def answer(call: ModelCall) -> str:
        if "fail" in call.input[-1]["content"]:
            raise ApplicationError("sk-secret", type="ModelDown", non_retryable=True)
        return "no JSON" if "garble" in call.input[-1]["content"] else obey(call)

    async with serving(build_worker, obedient(answer=answer)) as client:
        handle = await begin(client, "fail", "garble", "hello")
        now = await settled(handle, 3)
        result = await end(handle)
    errors = [message.error for message in now.messages]
    assert errors == [None, None, "ModelDown", None, "ModelBehaviorError", None, None]
    assert texts(now.messages)[-1] == ("agent", "Re: hello")
    assert "sk-secret" not in result.model_dump_json()


async def test_without_confirmations_what_spends_still_asks(
    ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOW_CONFIRM", "false")
    async with serving(build_worker, obedient()) as client:
        handle = await begin(client, EVENTS)
        now = await settled(handle, 1)
        assert now.tool_data
        assert (now.tool_data.tool, now.tool_data.state) == ("find_events", StepState.DONE)
        await say(handle, INVOICE, 2)
        await waiting(handle)
        assert invoices(ledger) == []
        await end(handle)
