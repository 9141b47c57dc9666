"""The fast profile: which activities are local, and the limits that keep every run alive."""

from durable_agents import TooLarge, connect
from durable_agents.fast import MAX_RESULT_BYTES, MAX_TIMEOUT, fast

from collections import Counter
from contextlib import AbstractAsyncContextManager
from typing import Any
from uuid import uuid4

import pytest
from agents.testing import ScriptedModel
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHistory
from temporalio.worker import Worker
from temporalio.workflow import NondeterminismError

from tests.durable_agents.quick import QUEUE, Activities, Caller, Calls
from tests.harness.workers import failure_of, replay, serving

SCHEDULED = EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
RECORDED = EventType.EVENT_TYPE_MARKER_RECORDED
TIMER = EventType.EVENT_TYPE_TIMER_STARTED
TASK = EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED

LARGE = MAX_RESULT_BYTES - 100


def serving_calls(**profile: Any) -> AbstractAsyncContextManager[Client]:
    return serving(Activities().build_worker, ScriptedModel([]), **profile)


async def run(client: Client, calls: Calls) -> WorkflowHistory:
    handle = await client.start_workflow(Caller.run, calls, id=f"{uuid4()}", task_queue=QUEUE)
    assert await handle.result() == len(calls.arguments)
    return await handle.fetch_history()


async def events(calls: Calls) -> Counter[EventType.ValueType]:
    """Return the number of events of each type in the history of a run."""
    async with serving_calls(**fast()) as client:
        return Counter(event.event_type for event in (await run(client, calls)).events)


@pytest.mark.parametrize("sandbox", [True, False])
async def test_calls_are_recorded_together_in_one_workflow_task(sandbox: bool) -> None:
    async with serving_calls(**fast(sandbox=sandbox)) as client:
        history = await run(client, Calls("give", [1, 2, 3]))
        handle = client.get_workflow_handle(history.workflow_id)
        assert await handle.query(Caller.is_sandboxed) is sandbox
    found = Counter(event.event_type for event in history.events)
    assert (found[RECORDED], found[TASK], found[SCHEDULED]) == (3, 1, 0)


@pytest.mark.parametrize("task_queue", [QUEUE, "another"])
async def test_activity_with_a_task_queue_remains_an_activity(task_queue: str) -> None:
    async with (
        serving_calls(**fast()) as client,
        Worker(client, task_queue="another", activities=[Activities().give]),
    ):
        history = await run(client, Calls("give", [MAX_RESULT_BYTES], task_queue=task_queue))
    types = [event.event_type for event in history.events]
    assert (types.count(RECORDED), types.count(SCHEDULED)) == (0, 1)


async def test_activity_with_a_long_timeout_remains_an_activity() -> None:
    found = await events(Calls("give", [1], timeout=MAX_TIMEOUT.total_seconds() + 1))
    assert (found[RECORDED], found[SCHEDULED]) == (0, 1)


@pytest.mark.parametrize(("count", "together", "activities"), [(24, False, 2), (13, True, 3)])
async def test_every_eleventh_call_is_an_activity(
    count: int, together: bool, activities: int
) -> None:
    """The results before it are recorded: one message would exceed the server's limit."""
    found = await events(Calls("give", [LARGE] * count, together))
    assert (found[SCHEDULED], found[RECORDED]) == (activities, count - activities)


async def test_calls_that_race_replay() -> None:
    """On replay, temporalio up to 1.33 resolves local activities in another order."""
    found = await events(Calls("pause", [0.05, 0, 0.02], together=True, race=True))
    assert found[RECORDED] > 3


async def test_too_large_result_fails_the_call() -> None:
    async with serving_calls(**fast()) as client:
        failure = await failure_of(run(client, Calls("give", [MAX_RESULT_BYTES])))
    assert failure.type == TooLarge.__name__
    assert f"the limit is {MAX_RESULT_BYTES:,}" in failure.message


async def test_inputs_do_not_count_as_sent() -> None:
    found = await events(Calls("take", [1_000_000] * 6))
    assert found[RECORDED] == 6


@pytest.mark.parametrize(
    ("delay", "timers"), [(0.01, 0), pytest.param(1.1, 1, marks=pytest.mark.exhaustive)]
)
async def test_long_delay_before_a_retry_is_a_timer(delay: float, timers: int) -> None:
    found = await events(Calls("unsure", [delay]))
    assert found[TIMER] == timers


@pytest.mark.parametrize(("recorded", "replayed"), [(fast(), {}), ({}, fast())])
async def test_history_does_not_replay_with_the_other_profile(
    recorded: dict[str, Any], replayed: dict[str, Any]
) -> None:
    async with serving_calls(**recorded) as client:
        history = await run(client, Calls("give", [1]))
    other = await connect(register_activities=False, **replayed)
    with pytest.raises(NondeterminismError):
        await replay([history], other, Activities().build_worker(other))


async def test_worker_has_a_cache() -> None:
    client = await connect(register_activities=False, **fast())
    worker = Worker(client, task_queue=QUEUE, workflows=[Caller], max_cached_workflows=0)
    assert worker.config(active_config=True)["max_cached_workflows"] == 1
