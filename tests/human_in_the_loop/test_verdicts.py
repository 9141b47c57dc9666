"""Decisions on tool calls: what runs, what the model reads, and what the outcome records."""

from durable_agents import root_cause

import re

import pytest
from agents.testing import ScriptedModel
from temporalio.client import WorkflowFailureError

from human_in_the_loop.run_worker import build_worker
from tests.harness.workers import input_texts, serving
from tests.human_in_the_loop.desk import (
    BIG,
    DONE,
    OTHER,
    SMALL,
    call,
    decide,
    ledger,
    one_refund,
    start,
    three_at_once,
    wait_for_pending,
)


async def test_several_calls_are_pending_at_once_and_get_different_verdicts() -> None:
    model = three_at_once()
    async with serving(build_worker, model) as client:
        handle = await start(client)
        calls = await wait_for_pending(handle, "c1", "c2", "c3")
        edited = {**BIG, "cents": 700}
        await decide(handle, calls["c1"], "edit", edited_arguments=edited, message="Half.")
        assert set(await wait_for_pending(handle, "c2", "c3")) == {"c2", "c3"}
        await decide(handle, calls["c2"], "approve", by="Ben")
        await decide(handle, calls["c3"], "reject", message="Ben is on holiday")
        outcome = await handle.result()
        assert ledger(handle) == [("1002", 700)]
    refunded, voucher, rejected = input_texts(model.calls[1])[-3:]
    assert refunded == (
        'A person changed the arguments to {"order_id": "1002", "cents": 700}. '
        "Result: Refunded EUR 7.00 for order 1002."
    )
    assert re.fullmatch(r"Voucher [0-9A-F]{8} takes 10% off the next order\.", voucher)
    assert rejected == "Ben is on holiday"
    assert [(each.id, each.verdict, each.by) for each in outcome.decisions] == [
        ("c1", "edit", "Ada"),
        ("c2", "approve", "Ben"),
        ("c3", "reject", "Ada"),
    ]
    first, second, third = outcome.decisions
    assert first.arguments == '{"order_id": "1002", "cents": 700}'
    assert '"cents":48000' in first.proposed_arguments.replace(" ", "")
    assert second.arguments == second.proposed_arguments
    assert third.arguments is None
    assert first.at <= second.at <= third.at
    assert outcome.answer == "Done."


async def test_only_refunds_above_the_limit_need_approval() -> None:
    limit = {**SMALL, "order_id": "1002", "cents": 5_000}
    calls = [call("refund", args, f"c{n}") for n, args in enumerate([SMALL, limit, BIG], 1)]
    async with serving(build_worker, ScriptedModel([calls, DONE])) as client:
        handle = await start(client)
        pending = await wait_for_pending(handle, "c3")
        await decide(handle, pending["c3"], "approve")
        outcome = await handle.result()
        assert sorted(ledger(handle)) == [("1001", 2000), ("1002", 5000), ("1002", 48000)]
    assert [each.id for each in outcome.decisions] == ["c3"]


async def test_malformed_amount_needs_approval() -> None:
    model = ScriptedModel([[call("refund", {**SMALL, "cents": "48000"}, "c1")], DONE])
    async with serving(build_worker, model) as client:
        handle = await start(client)
        calls = await wait_for_pending(handle, "c1")
        await decide(handle, calls["c1"], "reject")
        await handle.result()
        assert ledger(handle) == []


async def test_rejection_without_a_message_is_sent_to_the_model() -> None:
    model = one_refund()
    async with serving(build_worker, model) as client:
        handle = await start(client)
        await decide(handle, (await wait_for_pending(handle, "c1"))["c1"], "reject")
        await handle.result()
        assert ledger(handle) == []
    assert input_texts(model.calls[1])[-1] == "A person rejected this call."


async def test_approval_of_one_call_does_not_approve_the_next_of_the_same_tool() -> None:
    model = ScriptedModel([[call("refund", OTHER, "c1")], [call("refund", BIG, "c2")], DONE])
    async with serving(build_worker, model) as client:
        handle = await start(client)
        await decide(handle, (await wait_for_pending(handle, "c1"))["c1"], "approve")
        await decide(handle, (await wait_for_pending(handle, "c2"))["c2"], "reject")
        await handle.result()
        assert ledger(handle) == [("1003", 12_500)]


async def test_decision_is_not_valid_for_other_arguments_under_the_same_call_id() -> None:
    model = ScriptedModel([[call("refund", OTHER, "c1")], [call("refund", BIG, "c1")], DONE])
    async with serving(build_worker, model) as client:
        handle = await start(client)
        await decide(handle, (await wait_for_pending(handle, "c1"))["c1"], "approve")
        with pytest.raises(WorkflowFailureError) as failure:
            await handle.result()
        assert ledger(handle) == [("1003", 12_500)]
    assert root_cause(failure.value).type == "ModelBehaviorError"


async def test_call_that_the_model_repeats_under_its_id_runs_once() -> None:
    model = ScriptedModel([[call("refund", BIG, "c1")], [call("refund", BIG, "c1")], DONE])
    async with serving(build_worker, model) as client:
        handle = await start(client)
        await decide(handle, (await wait_for_pending(handle, "c1"))["c1"], "approve")
        assert len((await handle.result()).decisions) == 1
        assert ledger(handle) == [("1002", 48_000)]
