"""The printed tree: when it is printed, and what stands in it."""

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


def test_a_tree_is_printed_once_its_root_has_ended(
    tracer: Tracer, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tracer.start_span("root", attributes={tree.KIND: "AGENT"}, start_time=0)
    above = set_span_in_context(root)
    for name, begun in [("second", 2), ("first", 1)]:
        facts: dict[str, str | int] = {tree.KIND: "LLM", "llm.model_name": "m-1", "other": 1}
        facts["temporal.attempt"] = begun
        child = tracer.start_span(name, above, attributes=facts, start_time=begun * MS)
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


def test_a_span_below_a_client_of_another_process_is_a_root(
    tracer: Tracer, capsys: pytest.CaptureFixture[str]
) -> None:
    above = set_span_in_context(NonRecordingSpan(ELSEWHERE))
    tracer.start_span("direct", above, attributes={"ours": 1}).end()
    first, line = capsys.readouterr().out.splitlines()
    assert first == f"Trace {7:032x}, begun elsewhere"
    assert line.split()[-1] == "ours=1"


def test_what_failed_says_so(tracer: Tracer, capsys: pytest.CaptureFixture[str]) -> None:
    with suppress(LookupError), tracer.start_as_current_span("direct"):
        raise LookupError("no such thing")
    assert capsys.readouterr().out.endswith("failed: LookupError\n")


def test_runs_that_never_end_here_are_forgotten(
    tracer: Tracer, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tree, "OPEN_TRACES", 2)
    one = tracer.start_span("one")
    tracer.start_span("child", set_span_in_context(one)).end()
    others = [tracer.start_span(name) for name in ("two", "three")]
    for root in [*others, one]:
        root.end()
    printed = capsys.readouterr().out
    assert printed.count("Trace ") == 3
    assert "child" not in printed
