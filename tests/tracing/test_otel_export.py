"""Spans of agents, tools and model calls: one tree without duplicates, also on replay."""

from collections.abc import Callable

import pytest
from agents import set_trace_processors
from agents.testing import ScriptedModel, assistant_message, function_call
from agents.tracing import Span, SpanData, Trace, TracingProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from temporalio.client import Client
from temporalio.worker import Worker

from tests.harness.workers import failure_of, input_texts, serving
from tests.tracing.outline import outline, uncached
from tracing.run_otel_export_workflow import main
from tracing.run_worker import build_worker
from tracing.telemetry import OTEL_OPTIONS

TREE = """\
Tide question
  Agent workflow
    Pilot
      turn
        invoke_model_activity
        get_high_waters
          get_high_waters
      turn
        invoke_model_activity"""


def script(harbor: str = "Hamburg") -> ScriptedModel:
    request = function_call("get_high_waters", {"harbor": harbor}, call_id="1")
    return ScriptedModel([[request], [assistant_message("So it is.")]])


@pytest.mark.parametrize("worker", [build_worker, uncached])
async def test_run_is_one_tree_and_replays_add_no_spans(
    worker: Callable[[Client], Worker],
    exported: InMemorySpanExporter,
    capsys: pytest.CaptureFixture[str],
) -> None:
    model = script()
    async with serving(worker, model, **OTEL_OPTIONS):  # replays the history at the end
        await main("When is high water in Hamburg?")
    assert capsys.readouterr().out == "So it is.\n"
    assert input_texts(model.calls[1])[-1] == "Hamburg: 05:12 and 17:38, 3.7 m"
    assert outline(exported.get_finished_spans()) == TREE.splitlines()


async def test_failed_activity_is_marked_without_its_message(
    exported: InMemorySpanExporter,
) -> None:
    async with serving(build_worker, script("Atlantis"), **OTEL_OPTIONS):
        await main("When is high water in Atlantis?")
    spans = exported.get_finished_spans()
    [failed] = [span for span in spans if span.events]
    assert failed.name == "get_high_waters"
    assert dict(failed.events[0].attributes or {}) == {"exception.type": "UnknownHarbor"}
    assert (failed.attributes or {})["temporal.attempt"] == 1
    assert not [span.name for span in spans if "Atlantis" in span.to_json()]


class RecordingProcessor(TracingProcessor):
    """Takes the place of the Agents SDK's exporter to OpenAI."""

    def __init__(self) -> None:
        self.started: list[str] = []

    def on_trace_start(self, trace: Trace) -> None:
        self.started.append(trace.name)

    def on_trace_end(self, trace: Trace) -> None: ...

    def on_span_start(self, span: Span[SpanData]) -> None: ...

    def on_span_end(self, span: Span[SpanData]) -> None: ...

    def shutdown(self) -> None: ...

    def force_flush(self) -> None: ...


@pytest.mark.parametrize(("options", "started"), [(OTEL_OPTIONS, []), ({}, ["Tide question"])])
async def test_openai_exporter_receives_no_traces(
    options: dict[str, bool], started: list[str], exported: InMemorySpanExporter
) -> None:
    processor = RecordingProcessor()
    set_trace_processors([processor])
    try:
        async with serving(build_worker, script(), **options):
            await main("When is high water in Hamburg?")
    finally:
        set_trace_processors([])
    assert [name for name in processor.started if name == "Tide question"] == started


async def test_empty_question_is_rejected(exported: InMemorySpanExporter) -> None:
    async with serving(build_worker, ScriptedModel(), **OTEL_OPTIONS):
        error = await failure_of(main(" "))
    assert error.type == "InvalidInput"
    assert "question is empty" in error.message
