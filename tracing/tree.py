"""Prints the spans of a run as a tree when its root span ends."""

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Lock

from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor
from opentelemetry.trace import (
    INVALID_SPAN_CONTEXT,
    SpanContext,
    StatusCode,
    format_trace_id,
)

MAX_OPEN_TRACES = 1_000  # the oldest are dropped: their runs may have closed on another worker
KIND = "openinference.span.kind"
ATTEMPT = "temporal.attempt"
LABELS = {"llm.model_name": "model", "llm.token_count.total": "tokens", ATTEMPT: "attempt"}
FIRST_ATTEMPT = ("attempt", 1)  # not shown


@dataclass
class _Trace:
    started: set[int] = field(default_factory=set)
    ended: list[ReadableSpan] = field(default_factory=list)


class TreePrinter(SpanProcessor):
    """Prints a tree to standard output when a span without a parent in this process ends."""

    def __init__(self) -> None:
        self._traces: OrderedDict[int, _Trace] = OrderedDict()
        self._lock = Lock()  # workflows run on other threads

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Record the span's id. A replay starts the span again with the same id."""
        ids = _ids(span)
        with self._lock:
            self._traces.setdefault(ids.trace_id, _Trace()).started.add(ids.span_id)
            self._traces.move_to_end(ids.trace_id)
            if len(self._traces) > MAX_OPEN_TRACES:
                self._traces.popitem(last=False)

    def on_end(self, span: ReadableSpan) -> None:
        """Keep the span; if it is a root, print its tree."""
        trace_id = _ids(span).trace_id
        with self._lock:
            trace = self._traces.setdefault(trace_id, _Trace())
            trace.ended.append(span)
            if span.parent and span.parent.span_id in trace.started:
                return
            del self._traces[trace_id]
        # An error here would fail the workflow task, for example with `run_worker.py | head`.
        with suppress(OSError):
            print(tree(span, trace.ended), flush=True)


def tree(root: ReadableSpan, spans: list[ReadableSpan]) -> str:
    """Return `root` and its descendants among `spans`, one line each, in order of start time."""
    in_order = sorted(spans, key=lambda span: span.start_time or 0)
    lines = list(_lines(root, in_order, "  "))
    origin = ", started elsewhere" if root.parent else ""
    return "\n".join([f"Trace {format_trace_id(_ids(root).trace_id)}{origin}", *lines])


def _lines(span: ReadableSpan, spans: list[ReadableSpan], indent: str) -> Iterator[str]:
    yield f"{indent + span.name:<34} {' '.join(_facts(span))}"
    for child in spans:
        if child.parent and child.parent.span_id == _ids(span).span_id:
            yield from _lines(child, spans, indent + "  ")


def _facts(span: ReadableSpan) -> Iterator[str]:
    """Yield the kind, the duration, and the attributes to show."""
    attributes = span.attributes or {}
    kind = "activity" if ATTEMPT in attributes else str(attributes.get(KIND, "direct")).lower()
    yield f"{kind:<8}"
    yield f"{((span.end_time or 0) - (span.start_time or 0)) / 1e6:6.0f} ms"
    shown = LABELS if KIND in attributes else {name: name for name in attributes}
    facts = [(label, attributes[name]) for name, label in shown.items() if name in attributes]
    yield from (f" {label}={value!s}" for label, value in facts if (label, value) != FIRST_ATTEMPT)
    errors = [str((event.attributes or {}).get("exception.type")) for event in span.events]
    if errors or span.status.status_code is StatusCode.ERROR:
        yield f" failed: {', '.join(errors) or span.status.description}"


def _ids(span: ReadableSpan) -> SpanContext:
    return span.get_span_context() or INVALID_SPAN_CONTEXT
