"""Outlines the spans of a run; builds a worker that caches no workflow."""

from collections.abc import Sequence
from functools import partial
from unittest.mock import patch

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanContext
from temporalio.client import Client
from temporalio.worker import Worker

from tracing.run_worker import build_worker

MODEL_CALL = "invoke_model_activity"


def ids(span: ReadableSpan) -> SpanContext:
    """Return the ids of a span."""
    context = span.get_span_context()
    assert context
    return context


def outline(spans: Sequence[ReadableSpan]) -> list[str]:
    """Return the span names, indented. Check for one root, and no duplicates or orphans."""
    assert len({ids(span).span_id for span in spans}) == len(spans), "duplicate span"
    assert len({ids(span).trace_id for span in spans}) == 1, "more than one trace"
    [root] = [span for span in spans if span.parent is None]
    lines = _below(root, sorted(spans, key=lambda span: span.start_time or 0), "")
    assert len(lines) == len(spans), "orphaned span"
    return lines


def uncached(client: Client) -> Worker:
    """Return the topic's worker without a cache: each task replays the workflow from the start."""
    with patch("tracing.run_worker.Worker", partial(Worker, max_cached_workflows=0)):
        return build_worker(client)


def _below(span: ReadableSpan, spans: list[ReadableSpan], indent: str) -> list[str]:
    children = [s for s in spans if s.parent and s.parent.span_id == ids(span).span_id]
    lines = [line for child in children for line in _below(child, spans, indent + "  ")]
    return [indent + span.name, *lines]
