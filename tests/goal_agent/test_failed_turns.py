"""Failed model calls: the turn reports the error, and the conversation continues."""

from pathlib import Path

import pytest
from agents.testing import ModelCall
from temporalio.exceptions import ApplicationError

from goal_agent.models import StepState
from goal_agent.run_worker import build_worker
from tests.goal_agent.conversations import (
    EVENTS,
    INVOICE,
    end,
    follow_prompt,
    invoices,
    obedient_model,
    send_prompt,
    start,
    texts,
    wait_for_step,
    wait_until_settled,
)
from tests.harness.workers import serving


async def test_next_prompt_is_answered_after_a_failed_model_call() -> None:
    def answer(call: ModelCall) -> str:
        if "fail" in call.input[-1]["content"]:
            raise ApplicationError("sk-secret", type="ModelDown", non_retryable=True)
        return "no JSON" if "garble" in call.input[-1]["content"] else follow_prompt(call)

    async with serving(build_worker, obedient_model(answer=answer)) as client:
        handle = await start(client, "fail", "garble", "hello")
        now = await wait_until_settled(handle, 3)
        result = await end(handle)
    errors = [message.error for message in now.messages]
    assert errors == [None, None, "ModelDown", None, "ModelBehaviorError", None, None]
    assert texts(now.messages)[-1] == ("agent", "Re: hello")
    assert "sk-secret" not in result.model_dump_json()


async def test_tool_that_spends_asks_even_when_confirmations_are_off(
    ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOW_CONFIRM", "false")
    async with serving(build_worker, obedient_model()) as client:
        handle = await start(client, EVENTS)
        now = await wait_until_settled(handle, 1)
        assert now.tool_data
        assert (now.tool_data.tool, now.tool_data.state) == ("find_events", StepState.DONE)
        await send_prompt(handle, INVOICE, 2)
        await wait_for_step(handle)
        assert invoices(ledger) == []
        await end(handle)
