"""The harness checks every run of a test, and no other."""

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowExecutionStatus
from temporalio.workflow import NondeterminismError

from conversations import TASK_QUEUE
from conversations.run_worker import build_worker
from tests.conversations.chats import answers, end, say, start
from tests.harness.runs import RunRecorder, histories_of, terminate_left_open
from tests.harness.workers import check, serving

SCHEDULED = EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED


async def test_recorder_finds_the_runs_that_started_after_its_creation() -> None:
    async with serving(build_worker, answers(1)) as client:
        earlier = await start(client)
        await say(earlier, "one")
    recorder = RunRecorder()
    async with serving(build_worker, answers(4), interceptors=[recorder]) as client:
        handle = await start(client, turns_per_run=1)
        for text in ("one", "two"):
            await say(handle, text)
        await say(earlier, "three")
        await end(handle)
    runs = await histories_of(client, handle)
    assert len(runs) == 3
    assert [run.run_id for run in recorder.handles(client, TASK_QUEUE)] == [
        run.run_id for run in runs
    ]


async def test_run_that_a_test_leaves_open_is_terminated() -> None:
    async with serving(build_worker, answers(1)) as client:
        handle = await start(client)
        await say(handle, "one")
    await terminate_left_open()
    assert (await handle.describe()).status is WorkflowExecutionStatus.TERMINATED


async def test_failed_replay_lists_the_events_of_its_run() -> None:
    async with serving(build_worker, answers(2)) as client:
        handle = await start(client)
        await say(handle, "one")
        await end(handle)
    [history] = await histories_of(client, handle)
    scheduled = next(event for event in history.events if event.event_type == SCHEDULED)
    scheduled.activity_task_scheduled_event_attributes.activity_type.name = "other"
    with pytest.raises(NondeterminismError) as failure:
        await check([history], client, build_worker(client))
    [note] = failure.value.__notes__
    assert note.startswith(f"Run {history.run_id}: 1 workflow_execution_started, 2 workflow_task_")
    assert f", {scheduled.event_id} activity_task_scheduled other, " in note
