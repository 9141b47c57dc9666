"""The printed tree: when it is printed, and what it contains."""

from contextlib import suppress

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    TraceFlags,
    Tracer,
    set_span_in_context,
)

from tracing import WORKER_OUTPUT_PREFIX, tree

MS = 1_000_000
ELSEWHERE = SpanContext(trace_id=7, span_id=8, is_remote=True, trace_flags=TraceFlags(1))


@pytest.fixture
def tracer() -> Tracer:
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(tree.TreePrinter())
    return provider.get_tracer("tests")


def test_tree_is_printed_when_its_root_ends(
    tracer: Tracer, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tracer.start_span("root", attributes={tree.KIND: "AGENT"}, start_time=0)
    above = set_span_in_context(root)
    for name, start in [("second", 2), ("first", 1)]:
        attributes: dict[str, str | int] = {tree.KIND: "LLM", "llm.model_name": "m-1", "other": 1}
        attributes["temporal.attempt"] = start
        child = tracer.start_span(name, above, attributes=attributes, start_time=start * MS)
        child.end(9 * MS)
    assert capsys.readouterr().out == ""
    root.end(10 * MS)
    first, *lines = capsys.readouterr().out.splitlines()
    assert first.startswith(WORKER_OUTPUT_PREFIX)
    assert [line.split() for line in lines] == [
        ["root", "agent", "10", "ms"],
        ["first", "activity", "8", "ms", "model=m-1"],
        ["second", "activity", "7", "ms", "model=m-1", "attempt=2"],
    ]
    assert [line.index(line.split()[0]) for line in lines] == [2, 4, 4]


def test_span_with_a_parent_in_another_process_is_a_root(
    tracer: Tracer, capsys: pytest.CaptureFixture[str]
) -> None:
    above = set_span_in_context(NonRecordingSpan(ELSEWHERE))
    tracer.start_span("direct", above, attributes={"ours": 1}).end()
    first, line = capsys.readouterr().out.splitlines()
    assert first == f"Trace {7:032x}, started elsewhere"
    assert line.split()[-1] == "ours=1"


def test_failed_span_shows_its_error(tracer: Tracer, capsys: pytest.CaptureFixture[str]) -> None:
    with suppress(LookupError), tracer.start_as_current_span("direct"):
        raise LookupError("no such thing")
    assert capsys.readouterr().out.endswith("failed: LookupError\n")


def test_oldest_traces_are_dropped_at_the_limit(
    tracer: Tracer, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tree, "MAX_OPEN_TRACES", 2)
    one = tracer.start_span("one")
    tracer.start_span("child", set_span_in_context(one)).end()
    others = [tracer.start_span(name) for name in ("two", "three")]
    for root in [*others, one]:
        root.end()
    printed = capsys.readouterr().out
    assert printed.count("Trace ") == 3
    assert "child" not in printed
