"""Failed and cancelled runs close as they would without tracing, and their spans end."""

from durable_agents import root_cause

import asyncio

import pytest
from agents.items import TResponseOutputItem
from agents.testing import ModelCall, ModelStep, ScriptedModel, function_call
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ApplicationError

from tests.harness.workers import failure_of, serving
from tests.tracing.outline import MODEL_CALL, outline
from tracing import TASK_QUEUE
from tracing.run_otel_export_workflow import main
from tracing.run_worker import build_worker
from tracing.telemetry import OTEL_OPTIONS
from tracing.workflows.otel_export import OtelExportWorkflow

OUTAGE = ApplicationError("The model is down", type="Outage", non_retryable=True)


@pytest.mark.parametrize(
    ("step", "error"),
    [
        ([function_call("no_such_tool", {}, call_id="1")], "ModelBehaviorError"),
        (ModelStep.raise_error(OUTAGE), "Outage"),
    ],
)
async def test_failed_run_has_a_tree(
    step: ModelStep, error: str, exported: InMemorySpanExporter
) -> None:
    async with serving(build_worker, ScriptedModel([step]), **OTEL_OPTIONS):
        assert (await failure_of(main())).type == error
    lines = outline(exported.get_finished_spans())
    assert lines[0] == "Tide question"
    assert lines[-1].strip() == MODEL_CALL


@pytest.mark.exhaustive  # the cancellation arrives with a heartbeat, seconds later
async def test_cancelled_run_has_a_tree(exported: InMemorySpanExporter) -> None:
    called = asyncio.Event()

    async def never(_call: ModelCall) -> list[TResponseOutputItem]:
        called.set()
        await asyncio.Event().wait()
        return []

    model = ScriptedModel([ModelStep.respond(never)])
    async with serving(build_worker, model, **OTEL_OPTIONS) as client:
        handle = await client.start_workflow(
            OtelExportWorkflow.run, "When?", id="cancelled", task_queue=TASK_QUEUE
        )
        await called.wait()
        await handle.cancel()
        with pytest.raises(WorkflowFailureError) as failure:
            await handle.result()
    assert root_cause(failure.value).type == "CancelledError"
    assert outline(exported.get_finished_spans())[:2] == ["Tide question", "  Agent workflow"]
