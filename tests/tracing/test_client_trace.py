"""A trace that starts in the client: its span is the root of all spans of the workflow."""

from collections.abc import Callable

import pytest
from agents.testing import ScriptedModel, assistant_message
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import format_trace_id
from temporalio.client import Client
from temporalio.worker import Worker

from tests.harness.workers import failure_of, input_texts, serving
from tests.tracing.outline import ids, outline, uncached
from tracing.run_client_trace_workflow import main
from tracing.run_worker import build_worker
from tracing.telemetry import OTEL_OPTIONS

TREE = """\
A user asks
  Harbor notice
    Agent workflow
      Pilot
        turn
          invoke_model_activity
    Agent workflow
      Harbor master
        turn
          invoke_model_activity"""


@pytest.mark.parametrize("worker", [build_worker, uncached])
async def test_workflow_spans_are_below_the_client_span(
    worker: Callable[[Client], Worker],
    exported: InMemorySpanExporter,
    capsys: pytest.CaptureFixture[str],
) -> None:
    model = ScriptedModel([[assistant_message("At one.")], [assistant_message("NOTICE: at one.")]])
    async with serving(worker, model, **OTEL_OPTIONS):
        await main("When?")
    assert input_texts(model.calls[1]) == ["The pilot says: At one."]
    spans = exported.get_finished_spans()
    assert outline(spans) == TREE.splitlines()
    trace_id = format_trace_id(ids(spans[0]).trace_id)
    assert capsys.readouterr().out == f"NOTICE: at one.\nTrace {trace_id}\n"


async def test_empty_question_fails_the_client_span(
    exported: InMemorySpanExporter,
) -> None:
    async with serving(build_worker, ScriptedModel(), **OTEL_OPTIONS):
        error = await failure_of(main(""))
    assert error.type == "InvalidInput"
    [span] = exported.get_finished_spans()
    assert span.name == "A user asks"
    assert not span.status.is_ok
