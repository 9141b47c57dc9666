"""Starts payments, and decides on second ones."""

from datetime import timedelta
from uuid import uuid4

import pytest
from agents.testing import ScriptedModel
from temporalio.client import Client, WorkflowUpdateFailedError

from side_effects import TASK_QUEUE
from side_effects.models import PaymentReport
from side_effects.run_worker import build_worker
from side_effects.terminal import Handle
from side_effects.workflows.payment import PaymentWorkflow
from tests.harness.workers import serving


async def start(client: Client, *timeout: timedelta) -> Handle:
    """Start a payment; requests wait for `timeout` if it is given."""
    return await client.start_workflow(
        PaymentWorkflow.run,
        args=["Pay.", *timeout],
        id=f"payment-{uuid4()}",
        task_queue=TASK_QUEUE,
    )


async def report_of(model: ScriptedModel) -> PaymentReport:
    """Run the workflow on the real provider; nobody decides."""
    async with serving(build_worker, model) as client:
        return await (await start(client)).result()


async def pending(handle: Handle) -> list[str]:
    """Return the ids of the requests that wait for a decision."""
    requests = await handle.query(PaymentWorkflow.get_consent_requests)
    return [request.id for request in requests]


async def rejection(handle: Handle, request_id: str, by: str = "Ada") -> str:
    """Return why the workflow rejects a decision."""
    with pytest.raises(WorkflowUpdateFailedError) as failure:
        await handle.execute_update(PaymentWorkflow.decide, args=[request_id, True, by])
    return str(failure.value.cause)
