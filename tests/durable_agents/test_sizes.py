"""Oversized values raise a typed error; they never hang or terminate a workflow."""

from durable_agents import TooLarge, connect, root_cause
from durable_agents.payloads import MAX_CAUSES, MAX_MESSAGE_LENGTH

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from temporalio.client import (
    Client,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
)
from temporalio.converter import DataConverter, ExternalStorage
from temporalio.exceptions import ApplicationError
from temporalio.worker import Worker

from long_runs.blob_store import ChunkedStorage
from tests.durable_agents.sizes import HALF, LARGE, Activities, Child, Sender
from tests.encryption.keys import A
from tests.harness.runs import RunRecorder
from tests.harness.workers import check

EXHAUSTIVE = pytest.mark.exhaustive
QUEUE = "test-sizes"
activities = Activities()
ACTIVITIES: list[Any] = [activities.take, activities.give, activities.fail]


@pytest.fixture(scope="module", params=["plain", pytest.param("encrypted", marks=EXHAUSTIVE)])
async def client(request: pytest.FixtureRequest) -> AsyncIterator[Client]:
    with pytest.MonkeyPatch.context() as environment:
        if request.param == "encrypted":
            environment.setenv("ENCRYPTION_KEYS", A)
        recorder = RunRecorder()
        client = await connect(register_activities=False, interceptors=[recorder])
        workflows = [Sender, Child]
        async with Worker(
            client, task_queue=QUEUE, workflows=workflows, activities=ACTIVITIES
        ) as worker:
            yield client
        histories = [await run.fetch_history() for run in recorder.handles(client, QUEUE)]
        assert histories
        await check(histories, client, worker)


async def start(client: Client, case: str) -> WorkflowHandle[Sender, str]:
    return await client.start_workflow(
        Sender.run, args=[case], id=f"{case}-{uuid4()}", task_queue=QUEUE
    )


async def failure_of(client: Client, case: str) -> ApplicationError:
    """Return the root cause of a workflow's failure."""
    with pytest.raises(WorkflowFailureError) as failed:
        await (await start(client, case)).result()
    error = failed.value.cause
    while error.__cause__ and not isinstance(error, ApplicationError):
        error = error.__cause__
    assert isinstance(error, ApplicationError)
    return error


@pytest.mark.parametrize(
    ("case", "runs"),
    [
        ("activity input", 0),
        ("activity result", 1),
        ("local activity result", 1),
        ("child input", 0),
        ("child memo", 0),
        ("child signal", 0),
        ("external signal", 0),
        ("continue as new", 0),
        ("continue as new memo", 0),
        ("memo", 0),
        ("result", 0),
        ("failure details", 0),
    ],
)
async def test_oversized_value_fails_the_workflow_with_too_large(
    client: Client, case: str, runs: int
) -> None:
    before = activities.runs
    error = await failure_of(client, case)
    assert error.type == "TooLarge"
    assert "one message is 2,200," in error.message
    assert "the limit is 2,090,000" in error.message
    assert activities.runs == before + runs


async def test_values_sent_in_one_task_are_added_up(client: Client) -> None:
    error = await failure_of(client, "calls at once")
    assert error.type == "TooLarge"
    assert "everything sent at once is 5,700," in error.message
    assert "the limit is 4,000,000" in error.message
    handle = await start(client, "calls one after another")
    assert await handle.result() == "sent"


async def test_values_that_continue_as_new_carries_are_counted_once(client: Client) -> None:
    handle = await start(client, "continue as new within the limits")
    assert await handle.result() == "sent"


async def test_workflow_code_can_catch_too_large(client: Client) -> None:
    assert await (await start(client, "caught")).result() == "caught TooLarge"


@pytest.mark.parametrize("case", ["failure", "activity failure"])
async def test_long_failure_message_is_truncated(client: Client, case: str) -> None:
    error = await failure_of(client, case)
    assert len(error.message) == MAX_MESSAGE_LENGTH


async def test_failure_that_cannot_be_encoded_is_reported_in_part(
    client: Client,
) -> None:
    odd = await failure_of(client, "lone surrogate in a failure")
    assert (odd.type, odd.message) == ("Odd", "half an emoji: \ufffd")
    assert (await failure_of(client, "endless chain of causes")).message == "m"
    error: BaseException | None = await failure_of(client, "long chain of causes")
    causes = 0
    while error := error and error.__cause__:
        causes += 1
    assert causes == MAX_CAUSES


@pytest.mark.parametrize(
    ("update", "size", "message"),
    [
        (Sender.reply, LARGE, "one message is 2,200,"),
        (Sender.fail, LARGE, "r" * MAX_MESSAGE_LENGTH),
        (Sender.refuse, LARGE, "r" * MAX_MESSAGE_LENGTH),
    ],
)
async def test_oversized_update_result_fails_only_the_update(
    client: Client, update: Any, size: int, message: str
) -> None:
    handle = await start(client, "wait")
    with pytest.raises(WorkflowUpdateFailedError) as failed:
        await handle.execute_update(update, size)
    assert message in str(failed.value.cause)
    assert await handle.execute_update(Sender.reply, 3) == "rrr"
    await handle.signal(Sender.finish)
    assert await handle.result() == "finished"


async def test_oversized_query_result_fails_only_the_query(client: Client) -> None:
    handle = await start(client, "wait")
    # The SDK does not decode the failure of a query.
    encrypts = os.environ.get("ENCRYPTION_KEYS")
    reason = "Encoded failure" if encrypts else r"one message is 2,200,\d+ bytes"
    with pytest.raises(WorkflowQueryFailedError, match=reason):
        await handle.query(Sender.ask, LARGE)
    await handle.signal(Sender.finish)
    assert await handle.result() == "finished"


async def test_queries_and_rejections_do_not_add_up(client: Client) -> None:
    handle = await start(client, "wait")
    for _ in range(3):  # no events in between: all are in the same workflow task
        assert len(await handle.query(Sender.ask, HALF)) == HALF
    for _ in range(3):
        with pytest.raises(WorkflowUpdateFailedError) as failed:
            await handle.execute_update(Sender.refuse_with_details, HALF)
        assert root_cause(failed.value.cause).message == "refused"
    await handle.signal(Sender.finish)
    assert await handle.result() == "finished"


async def test_oversized_request_fails_in_the_client(client: Client) -> None:
    large = "p" * LARGE
    handle = await start(client, "wait")
    with pytest.raises(TooLarge):
        await client.start_workflow("Sender", args=["wait", large], id="x", task_queue=QUEUE)
    with pytest.raises(TooLarge):
        await client.start_workflow("Sender", "wait", memo={"m": large}, id="x", task_queue=QUEUE)
    with pytest.raises(TooLarge):
        await handle.signal("finish", large)
    with pytest.raises(TooLarge):
        await handle.execute_update("reply", large)
    await handle.signal(Sender.finish)
    assert await handle.result() == "finished"


async def test_external_storage_lifts_the_limits(tmp_path: Path) -> None:
    storage = ExternalStorage(drivers=[ChunkedStorage(tmp_path)], payload_size_threshold=1_000)
    converter = DataConverter(external_storage=storage)
    client = await connect(register_activities=False, data_converter=converter)
    queue = f"{QUEUE}-{uuid4()}"
    async with Worker(client, task_queue=queue, workflows=[Sender]):
        handle = await client.start_workflow(Sender.run, args=["wait"], id=queue, task_queue=queue)
        assert len(await handle.execute_update(Sender.reply, 5_000_000)) == 5_000_000
        await handle.signal(Sender.finish, "p" * 5_000_000)
        assert await handle.result() == "finished"
