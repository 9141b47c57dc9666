"""A chat that ends, on request, on cancellation, or when idle, answers what it has accepted."""

from datetime import timedelta
from functools import partial

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowFailureError
from temporalio.exceptions import CancelledError
from temporalio.worker import Worker

from sample_cli.processes import until
from tests.harness.workers import promptly, serving_on_skipped_time
from tests.versioning.builds import Echo, Handle, Held, accept, rollout, say, start
from versioning import TASK_QUEUE
from versioning.builds import v1
from versioning.deployment import Deployment
from versioning.workflows.deploy import VersionedChatWorkflow

CANCEL = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED
TASK = EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED


async def test_message_of_an_earlier_run_gets_its_answer_while_the_chat_ends() -> None:
    model = Held()
    model.release.set()
    async with rollout(model) as deployment:
        chat = await start(deployment)
        first = await say(chat, "one", id="m1")
        await deployment.set_current("v2")
        await say(chat, "two")
        model.release.clear()
        pending = await accept(chat, "three")
        await chat.execute_update(VersionedChatWorkflow.end)
        assert await promptly(say(chat, "one", id="m1"), "the resent message") == first
        model.release.set()
        assert await pending.result() == "Re: three with stock"
        assert await chat.result() == model.calls == 3


async def has_noticed_its_cancellation(chat: Handle) -> bool:
    types = [event.event_type for event in (await chat.fetch_history()).events]
    return TASK in types[types.index(CANCEL) :]


async def test_cancelled_chat_answers_accepted_messages_and_closes() -> None:
    model = Held()
    async with rollout(model) as deployment:
        chat = await start(deployment)
        pending = await accept(chat, "one")
        await chat.cancel()
        await promptly(until(partial(has_noticed_its_cancellation, chat)), "the cancellation")
        model.release.set()
        assert await promptly(pending.result(), "the answer") == "Re: one"
        with pytest.raises(WorkflowFailureError) as failure:
            await promptly(chat.result(), "the cancelled chat")
        assert isinstance(failure.value.cause, CancelledError)


def build_unversioned(client: Client) -> Worker:
    """Return a worker for a server without worker versioning."""
    return Worker(client, task_queue=TASK_QUEUE, workflows=[v1.VersionedChatWorkflow])


async def test_chat_ends_after_a_day_of_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving_on_skipped_time(build_unversioned, Echo(), monkeypatch) as (client, time):
        chat = await start(Deployment(client))
        await time.sleep(timedelta(hours=23))
        await say(chat, "one")
        await time.sleep(timedelta(hours=23))
        assert await say(chat, "two") == "Re: two"
        await time.sleep(timedelta(hours=23))
        assert (await chat.describe()).status is WorkflowExecutionStatus.RUNNING
        await time.sleep(timedelta(hours=2))
        assert await promptly(chat.result(), "the idle chat") == 2
