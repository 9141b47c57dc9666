"""Prints the spans of a run as a tree, once they have all ended."""

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

OPEN_TRACES = 1000  # those of runs that never end here are forgotten, the oldest first
KIND = "openinference.span.kind"
ATTEMPT = "temporal.attempt"
SHOWN = {"llm.model_name": "model", "llm.token_count.total": "tokens", ATTEMPT: "attempt"}
FIRST = ("attempt", 1)  # goes without saying


@dataclass
class _Trace:
    begun: set[int] = field(default_factory=set)
    ended: list[ReadableSpan] = field(default_factory=list)


class TreePrinter(SpanProcessor):
    """Prints a tree to standard output when a span ends whose parent is not of this process."""

    def __init__(self) -> None:
        self._traces: OrderedDict[int, _Trace] = OrderedDict()
        self._lock = Lock()  # workflows run on threads of their own

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Note the span; one that a replay starts again has the id that it had."""
        ids = _ids(span)
        with self._lock:
            self._traces.setdefault(ids.trace_id, _Trace()).begun.add(ids.span_id)
            self._traces.move_to_end(ids.trace_id)
            if len(self._traces) > OPEN_TRACES:
                self._traces.popitem(last=False)

    def on_end(self, span: ReadableSpan) -> None:
        """Keep the span, or print what it is the root of."""
        trace_id = _ids(span).trace_id
        with self._lock:
            trace = self._traces.setdefault(trace_id, _Trace())
            trace.ended.append(span)
            if span.parent and span.parent.span_id in trace.begun:
                return
            del self._traces[trace_id]
        # An error here would be one in the workflow: `run_worker.py | head` must not stop it.
        with suppress(OSError):
            print(tree(span, trace.ended), flush=True)


def tree(root: ReadableSpan, spans: list[ReadableSpan]) -> str:
    """Return `root` and its descendants among `spans`, a line each, in the order they began."""
    in_order = sorted(spans, key=lambda span: span.start_time or 0)
    lines = list(_lines(root, in_order, "  "))
    origin = ", begun elsewhere" if root.parent else ""
    return "\n".join([f"Trace {format_trace_id(_ids(root).trace_id)}{origin}", *lines])


def _lines(span: ReadableSpan, spans: list[ReadableSpan], indent: str) -> Iterator[str]:
    yield f"{indent + span.name:<34} {' '.join(_facts(span))}"
    for child in spans:
        if child.parent and child.parent.span_id == _ids(span).span_id:
            yield from _lines(child, spans, indent + "  ")


def _facts(span: ReadableSpan) -> Iterator[str]:
    """Yield kind and duration, what is known of a model call, and attributes of one's own."""
    attributes = span.attributes or {}
    kind = "activity" if ATTEMPT in attributes else str(attributes.get(KIND, "direct")).lower()
    yield f"{kind:<8}"
    yield f"{((span.end_time or 0) - (span.start_time or 0)) / 1e6:6.0f} ms"
    shown = SHOWN if KIND in attributes else {name: name for name in attributes}
    facts = [(label, attributes[name]) for name, label in shown.items() if name in attributes]
    yield from (f" {label}={value!s}" for label, value in facts if (label, value) != FIRST)
    errors = [str((event.attributes or {}).get("exception.type")) for event in span.events]
    if errors or span.status.status_code is StatusCode.ERROR:
        yield f" failed: {', '.join(errors) or span.status.description}"


def _ids(span: ReadableSpan) -> SpanContext:
    return span.get_span_context() or INVALID_SPAN_CONTEXT
