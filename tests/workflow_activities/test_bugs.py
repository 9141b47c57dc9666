"""A bug in the background steps fails the workflow task, also while the conversation ends."""

from durable_agents import connect

from typing import Any

import pytest
from temporalio import workflow
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from sample_cli.processes import until
from tests.harness.workers import FixedModelProvider, failed_tasks, promptly
from tests.workflow_activities.conversations import replies, say, start
from workflow_activities import TASK_QUEUE, follow_up
from workflow_activities.workflows.conversation import ConversationWorkflow


async def fail(*_: Any) -> str:
    await workflow.sleep(0.2)  # until the conversation ends
    raise RuntimeError("a bug")


def build_worker(client: Client) -> Worker:
    """Return a worker whose workflows see what the test patches."""
    return Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=[ConversationWorkflow],
        workflow_runner=UnsandboxedWorkflowRunner(),
    )


@pytest.mark.parametrize("is_ending", [False, True])
async def test_bug_fails_the_workflow_task(
    is_ending: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow_up, "_execute", fail)
    client = await connect(model_provider=FixedModelProvider(replies("A.")))
    async with build_worker(client):
        handle = await start(client)
        await say(handle, "one")
        if is_ending:
            await handle.execute_update(ConversationWorkflow.end_conversation)

        async def has_failed() -> bool:
            return bool(failed_tasks(await handle.fetch_history()))

        await promptly(until(has_failed), "the failed workflow task")
        [failed, *_] = failed_tasks(await handle.fetch_history())
        await handle.terminate()
    assert failed.workflow_task_failed_event_attributes.failure.message == "a bug"
