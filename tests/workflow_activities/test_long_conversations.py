"""Conversations that continue as new, and messages sent at once or with the start."""

from uuid import uuid4

import pytest
from temporalio.client import WithStartWorkflowOperation
from temporalio.common import WorkflowIDConflictPolicy

from tests.harness.workers import input_texts, serving
from tests.workflow_activities.conversations import (
    accepted,
    end,
    next_run,
    outcomes,
    replies,
    rows,
    say,
    set_limit,
    start,
)
from workflow_activities import TASK_QUEUE
from workflow_activities.run_worker import build_worker
from workflow_activities.storage import TURNS
from workflow_activities.workflows.conversation import ConversationWorkflow


async def test_conversation_continues_as_new_and_loses_nothing(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_limit(monkeypatch, "TURNS_PER_RUN", 2)
    model = replies("A.", "B.", "C.", "D.", "E.")
    async with serving(build_worker, model) as client:
        handle = await start(client)
        runs = {(await handle.describe()).run_id}
        for number, text in enumerate(["one", "two", "three", "four"], start=1):
            await say(handle, text)
            if number % 2 == 0:
                await next_run(handle, runs)
        await say(handle, "five")
        report = await end(handle)
        finished = await outcomes(handle)
    assert len(runs) == 3
    assert input_texts(model.calls[4])[:4] == ["one", "A.", "two", "B."]
    assert [row.turn for row in await rows(url, TURNS)] == [1, 2, 3, 4, 5]
    assert (report.turns, report.batches, report.notifications_sent) == (5, 1, 5)
    assert [number for kind, number, _ in finished if kind == "save"] == [1, 2, 3, 4, 5]


async def test_concurrent_messages_are_answered_one_by_one(url: str) -> None:
    model = replies("A.", "B.", "C.")
    async with serving(build_worker, model) as client:
        handle = await start(client)
        said = await accepted(handle, "one", "two", "three")
        await handle.execute_update(ConversationWorkflow.end_conversation)
        assert [await update.result() for update in said] == ["A.", "B.", "C."]
        await handle.result()
    assert input_texts(model.calls[2]) == ["one", "A.", "two", "B.", "three"]
    assert [row.message for row in await rows(url, TURNS)] == ["one", "two", "three"]


async def test_message_can_be_sent_with_the_start() -> None:
    async with serving(build_worker, replies("A.")) as client:
        starting = WithStartWorkflowOperation(
            ConversationWorkflow.run,
            "task",
            id=f"test-{uuid4()}",
            task_queue=TASK_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
        )
        reply = await client.execute_update_with_start_workflow(
            ConversationWorkflow.send_message, "one", start_workflow_operation=starting
        )
        assert reply == "A."
        assert (await end(await starting.workflow_handle())).turns == 1
