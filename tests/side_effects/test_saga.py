"""A saga by itself: stopped at any time, and limited in calls and decisions."""

from durable_agents import InvalidInput

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from agents.testing import ScriptedModel
from temporalio import workflow
from temporalio.client import Client
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.worker import Worker

from side_effects.saga import MAX_CALLS, MAX_RETRIES, Abandoned, Saga
from tests.harness.workers import serving

TASK_QUEUE = "saga-task-queue"


async def succeed() -> str:
    return "ok"


async def fail() -> str:
    error = ActivityError(
        "failed",
        scheduled_event_id=1,
        started_event_id=1,
        identity="",
        activity_type="",
        activity_id="",
        retry_state=None,
    )
    raise error from ApplicationError("no answer", type="NoResponse")


@workflow.defn(sandboxed=False)
class SagaWorkflow:
    """Runs one of its methods; returns the journal, and why the work was abandoned."""

    @workflow.run
    async def run(self, method: str) -> list[str]:
        saga = Saga(timedelta(days=1), ())
        try:
            await getattr(self, method)(saga)
        except Abandoned as reason:
            return [*(f"{entry.event} {entry.name}" for entry in saga.journal), reason.message]
        return ["succeeded"]

    async def stop_after_run(self, saga: Saga) -> None:
        async with saga:
            await saga.run(saga.do("a", succeed, succeed))
            assert saga.stop("Ada")

    async def call_too_often(self, saga: Saga) -> None:
        async with saga:
            for _ in range(MAX_CALLS):
                assert (await saga.do("a", fail, succeed)).event == "unknown"
            saga.journal.clear()
            assert (await saga.do("a", succeed, succeed)).event == "unknown"
            assert (await saga.do("b", succeed, succeed)).event == "refused"

    async def retry_too_often(self, saga: Saga) -> None:
        deciding = asyncio.ensure_future(self._decide(saga))
        async with saga:
            await saga.do("a", succeed, fail)
            raise Abandoned("the end")
        await deciding

    async def _decide(self, saga: Saga) -> None:
        for _ in range(MAX_RETRIES):
            await workflow.wait_condition(lambda: bool(saga.stuck))
            saga.check_decision("step-1", "retry")
            saga.decide("step-1", "retry", "Ada")
        await workflow.wait_condition(lambda: bool(saga.stuck))
        saga.journal.clear()
        saga.check_decision("step-1", "resolved")
        with pytest.raises(InvalidInput, match="100 retries were made"):
            saga.check_decision("step-1", "retry")
        saga.decide("step-1", "resolved", "Ada")


@pytest.mark.parametrize(
    ("method", "journal"),
    [
        ("stop_after_run", ["done a", "undone a", "stopped by Ada"]),
        ("call_too_often", ["undone a", "the outcome is unknown: a"]),
        ("retry_too_often", ["resolved a", "the end"]),
    ],
)
async def test_saga_ends_as_it_promises(method: str, journal: list[str]) -> None:
    def build_worker(client: Client) -> Worker:
        return Worker(client, task_queue=TASK_QUEUE, workflows=[SagaWorkflow])

    async with serving(build_worker, ScriptedModel([])) as client:
        result = await client.execute_workflow(
            SagaWorkflow.run, method, id=f"saga-{uuid4()}", task_queue=TASK_QUEUE
        )
    assert result == journal
