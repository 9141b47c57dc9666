"""Decisions that are not accepted: one clear message each, and no event in the history."""

from datetime import timedelta
from typing import Any

import pytest
from agents.testing import ScriptedModel
from temporalio.api.enums.v1 import EventType

from human_in_the_loop.deciding import DecisionRefused
from human_in_the_loop.deciding import decide as send
from human_in_the_loop.models import DecisionRequest
from human_in_the_loop.run_worker import build_worker
from tests.harness.workers import serving, serving_on_skipped_time
from tests.human_in_the_loop.desk import (
    BIG,
    DONE,
    OTHER,
    call,
    decide,
    ledger,
    one_refund,
    rejection_of,
    start,
    wait_for_pending,
)

ACCEPTED = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED
EXTRA = {**BIG, "note": "hurry"}


async def test_invalid_decision_is_rejected_with_its_reason_and_leaves_no_event() -> None:
    model = ScriptedModel([[call("refund", BIG, "c1"), call("refund", OTHER, "c2")], DONE])
    async with serving(build_worker, model) as client:
        handle = await start(client)
        first, second = (await wait_for_pending(handle, "c1", "c2")).values()
        assert first.digest != second.digest
        swapped = first.model_copy(update={"digest": second.digest})
        assert await rejection_of(handle, swapped) == (
            "StaleDecision: call 'c1' is not the call that you saw: its digest differs. "
            "Read it again"
        )
        unknown = first.model_copy(update={"id": "c9"})
        assert await rejection_of(handle, unknown) == (
            "UnknownCall: call 'c9' is not pending; see get_pending_approvals"
        )
        await decide(handle, first, "approve")
        twice = await rejection_of(handle, first, "reject", by="Ben")
        assert twice.startswith("AlreadyDecided: refund was already approved by Ada at 20")
        await decide(handle, second, "reject")
        await handle.result()
        events = (await handle.fetch_history()).events
        assert ledger(handle) == [("1002", 48_000)]
    assert [event.event_type for event in events].count(ACCEPTED) == 2


@pytest.mark.parametrize(
    ("edited", "message"),
    [
        ({**BIG, "cents": "7"}, "edited_arguments.cents: '7' is not of type 'integer'"),
        ({**BIG, "cents": 0}, "edited_arguments.cents: 0 is less than or equal to the minimum"),
        ({"cents": 7}, "edited_arguments: 'order_id' is a required property"),
        (EXTRA, "edited_arguments: Additional properties are not allowed ('note' was unexpec"),
        ({**BIG, "order_id": "x" * 10_000}, "edited_arguments exceed 10,000 bytes"),
    ],
)
async def test_edit_that_does_not_fit_the_schema_is_rejected(
    edited: dict[str, object], message: str
) -> None:
    async with serving(build_worker, one_refund()) as client:
        handle = await start(client)
        pending = (await wait_for_pending(handle, "c1"))["c1"]
        reason = await rejection_of(handle, pending, "edit", edited_arguments=edited)
        assert reason.startswith(f"InvalidInput: {message}")
        await decide(handle, pending, "reject")
        await handle.result()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"verdict": "maybe"}, "decision.verdict: Input should be 'approve', 'edit' or 'reject'"),
        ({"verdict": "edit"}, "edited_arguments belongs to the verdict 'edit'"),
        ({"verdict": "approve", "edited_arguments": {}}, "edited_arguments belongs to"),
        ({"verdict": "approve", "message": "Yes"}, "message belongs to the verdicts"),
        ({"verdict": "reject", "message": "x" * 1_001}, "at most 1000 characters"),
        ({"verdict": "reject", "by": "Ada\n(forged)"}, "decision.by: Value error, it must be"),
        ({"verdict": "reject", "by": " "}, "decision.by: Value error, it must be printable"),
        ({"verdict": "reject", "always": True}, "decision.always: Extra inputs are not"),
    ],
)
async def test_malformed_decision_is_rejected(fields: dict[str, Any], message: str) -> None:
    async with serving(build_worker, one_refund()) as client:
        handle = await start(client)
        pending = (await wait_for_pending(handle, "c1"))["c1"]
        assert message in await rejection_of(handle, pending, **fields)
        await decide(handle, pending, "reject")
        await handle.result()


async def test_late_decision_says_who_decided_or_that_the_deadline_passed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = ScriptedModel([[call("refund", BIG, "c1")], [call("refund", OTHER, "c2")], DONE])
    async with serving_on_skipped_time(build_worker, model, monkeypatch) as (client, skipping):
        handle = await start(client, timedelta(hours=1))
        first = (await wait_for_pending(handle, "c1"))["c1"]
        await skipping.sleep(timedelta(minutes=61))
        second = (await wait_for_pending(handle, "c2"))["c2"]
        late = await rejection_of(handle, first)
        assert late.startswith("AlreadyDecided: refund was already rejected automatically at 20")
        assert late.endswith(" (No decision was made in time.)")
        await decide(handle, second, "approve")
        await handle.result()
        request = DecisionRequest(id="c2", digest=second.digest, verdict="reject", by="Ben")
        with pytest.raises(DecisionRefused, match="refund was already approved by Ada at") as no:
            await send(handle, request)
        assert no.value.kind == "AlreadyDecided"
