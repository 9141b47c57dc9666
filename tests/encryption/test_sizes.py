"""Encryption adds bytes: what the size limits allow is still sent, and the rest rejected."""

from durable_agents import connect
from durable_agents.payloads import MAX_PAYLOAD_BYTES, StrictPayloadConverter

from uuid import uuid4

import pytest
from temporalio.client import WorkflowUpdateFailedError
from temporalio.worker import Worker

from tests.durable_agents.sizes import Child, Sender
from tests.encryption.keys import A
from tests.harness.workers import check, promptly

QUEUE = "test-encrypted-sizes"


def largest_text() -> int:
    """Return the length of the largest text that may be sent."""
    probe = 1_000_000
    [payload] = StrictPayloadConverter().to_payloads(["r" * probe])
    return MAX_PAYLOAD_BYTES - (payload.ByteSize() - probe)


async def test_largest_payload_is_sent_and_a_larger_one_rejected(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ENCRYPTION_KEYS", f"{'i' * 32}:{A.partition(':')[2]}")
    client, size = await connect(register_activities=False), largest_text()
    async with Worker(client, task_queue=QUEUE, workflows=[Sender, Child]) as worker:
        handle = await client.start_workflow(
            Sender.run, args=["wait", "c" * (size - 100)], id=f"size-{uuid4()}", task_queue=QUEUE
        )
        reply = await promptly(handle.execute_update(Sender.reply, size), "reply")
        assert len(reply) == size
        with pytest.raises(WorkflowUpdateFailedError) as failed:
            await promptly(handle.execute_update(Sender.reply, size + 1), "reply")
        assert "one message is 2,090,001 bytes" in str(failed.value.cause)
        await handle.signal(Sender.finish)
        assert await handle.result() == "finished"
        await check([await handle.fetch_history()], client, worker)
