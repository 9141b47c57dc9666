"""A message that is resent, to the same run or a later one, is answered once."""

from typing import Any
from uuid import uuid4

import pytest
from temporalio.client import WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode

from customer_service.client import Handle
from customer_service.run_worker import build_worker
from customer_service.workflows.customer_service import CustomerServiceWorkflow
from tests.customer_service.conversations import (
    answers,
    end,
    history,
    lines_of,
    say,
    say_reliably,
    start,
)
from tests.harness.runs import histories_of
from tests.harness.workers import serving


@pytest.mark.parametrize("status", [RPCStatusCode.UNAVAILABLE, RPCStatusCode.UNKNOWN])
async def test_message_is_resent_and_answered_once_when_its_answer_is_lost(
    status: RPCStatusCode, monkeypatch: pytest.MonkeyPatch
) -> None:
    update, ids = WorkflowHandle.execute_update, []

    async def losing(handle: Handle, *args: Any, **options: Any) -> object:
        ids.append(options["id"])
        answer = await update(handle, *args, **options)
        if len(ids) == 1:
            raise RPCError("transport error", status, b"")
        return answer

    monkeypatch.setattr(WorkflowHandle, "execute_update", losing)
    model = answers(1)
    async with serving(build_worker, model) as client:
        handle = await start(client, turns_per_run=1)
        assert await say_reliably(handle, "One", 0) == lines_of("One")
        assert (len(ids), len(set(ids))) == (2, 1)
        assert await history(handle) == lines_of("One")
        await end(handle)
    model.assert_complete()


async def test_message_resent_to_a_later_run_returns_the_same_lines() -> None:
    model = answers(2)
    async with serving(build_worker, model) as client:
        handle = await start(client, turns_per_run=1)
        id = uuid4().hex
        lines = await say(handle, "One", 0, id)
        await say(handle, "Two", 2)
        assert len(await histories_of(client, handle)) >= 2
        assert await say(handle, "One", 0, id) == lines
        assert await history(handle) == lines_of("One", "Two")
        await end(handle)
    model.assert_complete()


async def test_resent_hand_back_does_not_hand_back_a_later_escalation() -> None:
    escalated = {"escalated": True, "notified": True}
    answered = [{"update_id": "1", "start": 0, "end": 1}]
    lines = ["(A person hands off to Triage agent)"]
    async with serving(build_worker, answers(0)) as client:
        handle = await start(client, history=lines, answered=answered, context=escalated)
        await handle.execute_update(CustomerServiceWorkflow.hand_back, id="1")
        assert (await handle.query(CustomerServiceWorkflow.get_status)).escalated
        assert await history(handle) == lines
