"""Starts leads and fleets, and reads how their children have closed."""

import re
from collections import Counter
from uuid import uuid4

from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle

from offline_model.server import OfflineModel
from sample_cli.processes import until
from sub_agents import TASK_QUEUE
from sub_agents.models import FleetReport, FleetState
from sub_agents.workflows.delegation import DelegationWorkflow
from sub_agents.workflows.fleet import FleetWorkflow
from tests.harness.starters import histories_of

Lead = WorkflowHandle[DelegationWorkflow, str]
FleetHandle = WorkflowHandle[FleetWorkflow, FleetReport]


async def start(client: Client, on_close: str = "request_cancel", *, id: str | None = None) -> Lead:
    """Start a lead."""
    return await client.start_workflow(
        DelegationWorkflow.run,
        args=["Compare cities.", on_close],
        id=id or f"lead-{uuid4()}",
        task_queue=TASK_QUEUE,
    )


async def start_fleet(
    client: Client, items: int, window: int = 5, state: FleetState | None = None
) -> FleetHandle:
    """Start a fleet."""
    return await client.start_workflow(
        FleetWorkflow.run,
        args=[items, window, state],
        id=f"fleet-{uuid4()}",
        task_queue=TASK_QUEUE,
    )


async def closed(client: Client, workflow_id: str) -> str:
    """Return the name of a workflow's status, once it has closed."""
    handle = client.get_workflow_handle(workflow_id)
    status = None

    async def has_closed() -> bool:
        nonlocal status
        status = (await handle.describe()).status
        return status is not WorkflowExecutionStatus.RUNNING

    await until(has_closed)
    assert status
    return status.name


async def children_of(client: Client, workflow_id: str) -> list[str]:
    """Return the ids of the children that the runs of a workflow started, in order."""
    return [
        event.child_workflow_execution_started_event_attributes.workflow_execution.workflow_id
        for history in await histories_of(client, workflow_id)
        for event in history.events
        if event.HasField("child_workflow_execution_started_event_attributes")
    ]


def calls_by_ticket(model: OfflineModel) -> Counter[str]:
    """Return how often the model was called for each ticket."""
    return Counter(re.findall(r"ticket (\d+)", str(call.body))[-1] for call in model.calls)
