"""Approvals over continue-as-new: the paused agent run is restored from text."""

from durable_agents import connect

from datetime import timedelta

import pytest
from agents.testing import ScriptedModel
from temporalio.client import WithStartWorkflowOperation
from temporalio.common import WorkflowIDConflictPolicy

from human_in_the_loop import TASK_QUEUE, approvals
from human_in_the_loop.models import DecisionRequest, PausedRun, Verdict
from human_in_the_loop.run_worker import build_worker
from human_in_the_loop.workflows.approvals import ApprovalsWorkflow
from sample_cli.processes import until
from tests.harness.runs import histories_of
from tests.harness.workers import FixedModelProvider, input_texts, model_params, serving
from tests.human_in_the_loop.desk import (
    BIG,
    DONE,
    EMAIL,
    OTHER,
    build_uncached_worker,
    call,
    counts,
    decide,
    ledger,
    nested,
    one_refund,
    rejection_of,
    start,
    three_at_once,
    wait_for_pending,
)


@pytest.fixture(autouse=True)
def _continue_at_each_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(approvals, "PAUSES_PER_RUN", 1)


async def test_decisions_survive_continue_as_new_a_worker_restart_and_an_empty_cache() -> None:
    model = three_at_once()
    client = await connect(model_provider=FixedModelProvider(model), model_params=model_params())
    async with build_uncached_worker(client):
        handle = await start(client)
        calls = await wait_for_pending(handle, "c1", "c2", "c3")
        edited = {**BIG, "cents": 700}
        await decide(handle, calls["c1"], "edit", edited_arguments=edited)
    async with build_uncached_worker(client):
        await decide(handle, calls["c2"], "approve")
        await decide(handle, calls["c3"], "reject", message="Ben is on holiday")
        outcome = await client.get_workflow_handle_for(ApprovalsWorkflow.run, handle.id).result()
    assert ledger(handle) == [("1002", 700)]
    assert input_texts(model.calls[1])[-1] == "Ben is on holiday"
    assert [each.verdict for each in outcome.decisions] == ["edit", "approve", "reject"]
    assert await counts(client, handle) == (2, 2)


async def test_approval_in_one_run_is_known_in_the_next_and_approves_nothing_there() -> None:
    model = ScriptedModel([[call("refund", OTHER, "c1")], [call("refund", BIG, "c2")], DONE])
    async with serving(build_worker, model) as client:
        handle = await start(client)
        first = (await wait_for_pending(handle, "c1"))["c1"]
        request = DecisionRequest(id="c1", digest=first.digest, verdict="approve", by="Ada")
        sent = await handle.execute_update(ApprovalsWorkflow.decide, request, id="sent")
        second = (await wait_for_pending(handle, "c2"))["c2"]
        assert await handle.execute_update(ApprovalsWorkflow.decide, request, id="sent") == sent
        assert (await rejection_of(handle, first)).startswith("AlreadyDecided: refund was already")
        await decide(handle, second, "reject")
        outcome = await handle.result()
        assert ledger(handle) == [("1003", 12_500)]
        assert await counts(client, handle) == (3, 3)
    assert [each.id for each in outcome.decisions] == ["c1", "c2"]


@pytest.mark.parametrize("verdict", ["approve", "edit", "reject"])
async def test_call_of_a_nested_agent_survives_continue_as_new(verdict: Verdict) -> None:
    edited = {**EMAIL, "body": "We are very sorry."}
    fields = {"edited_arguments": edited} if verdict == "edit" else {}
    model = nested()
    async with serving(build_uncached_worker, model) as client:
        handle = await start(client)
        await decide(handle, (await wait_for_pending(handle, "n2"))["n2"], verdict, **fields)
        assert (await handle.result()).answer == "Done."
        sent = {"approve": [tuple(EMAIL.values())], "edit": [tuple(edited.values())]}
        assert ledger(handle, "outbox") == sent.get(verdict, [])
        assert await counts(client, handle) == (2, 4)
    model.assert_complete()


async def test_update_in_the_first_task_of_a_run_finds_the_pending_call() -> None:
    async with serving(build_worker, one_refund()) as client:
        handle = await start(client)
        pending = (await wait_for_pending(handle, "c1"))["c1"]

        async def has_continued() -> bool:
            return len(await histories_of(client, handle)) == 2

        await until(has_continued)
        end = (await histories_of(client, handle))[0].events[-1]
        passed_on = end.workflow_execution_continued_as_new_event_attributes.input
        types: list[type] = [str, timedelta, PausedRun]
        converter = client.data_converter.payload_converter
        next_run = WithStartWorkflowOperation(
            ApprovalsWorkflow.run,
            args=converter.from_payloads(passed_on.payloads, types),
            id=f"{handle.id}-next",
            task_queue=TASK_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
        )
        decision = DecisionRequest(id="c1", digest=pending.digest, verdict="approve", by="Ada")
        await client.execute_update_with_start_workflow(
            ApprovalsWorkflow.decide, decision, start_workflow_operation=next_run
        )
        assert (await (await next_run.workflow_handle()).result()).answer == "Done."
        await handle.terminate()
