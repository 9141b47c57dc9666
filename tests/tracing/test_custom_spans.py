"""Custom spans: direct spans contain activities, bridged spans also contain agents."""

from collections.abc import Callable

import pytest
from agents.testing import ScriptedModel, assistant_message
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode
from temporalio.client import Client
from temporalio.worker import Worker

from tests.harness.workers import failure_of, input_texts, serving
from tests.tracing.outline import outline, uncached
from tracing.run_custom_spans_workflow import main
from tracing.run_worker import build_worker
from tracing.telemetry import OTEL_OPTIONS

TREE = """\
Tide comparison
  Compare
    look up
      get_high_waters
      get_high_waters
    Agent workflow
      Comparer
        turn
          invoke_model_activity"""


@pytest.mark.parametrize("worker", [build_worker, uncached])
async def test_direct_and_bridged_spans_are_in_one_tree(
    worker: Callable[[Client], Worker],
    exported: InMemorySpanExporter,
    capsys: pytest.CaptureFixture[str],
) -> None:
    model = ScriptedModel([[assistant_message("Brest.")]])
    async with serving(worker, model, **OTEL_OPTIONS):
        await main("Where is it higher, in Lisbon or in Brest?")
    assert capsys.readouterr().out == "Brest.\n"
    [prompt] = input_texts(model.calls[0])
    assert "Brest: 06:48 and 19:10, 6.4 m\nLisbon: 04:55" in prompt
    spans = exported.get_finished_spans()
    assert outline(spans) == TREE.splitlines()
    [direct] = [span for span in spans if span.name == "look up"]
    assert (direct.attributes or {})["harbors"] == ("Brest", "Lisbon")


async def test_failed_step_is_marked(exported: InMemorySpanExporter) -> None:
    async with serving(build_worker, ScriptedModel(), **OTEL_OPTIONS):
        error = await failure_of(main("Where is it higher?"))
    assert error.type == "InvalidInput"
    assert error.message == "question names none of Bergen, Brest, Hamburg, Lisbon"
    spans = exported.get_finished_spans()
    assert outline(spans) == ["Tide comparison", "  Compare", "    look up"]
    failed = [span.name for span in spans if span.status.status_code is StatusCode.ERROR]
    assert failed == ["look up"]
