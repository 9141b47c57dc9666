"""Sets up span export for a process: a printed tree, OTLP, or both."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypedDict

import typer
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.grpc import trace_exporter as over_grpc
from opentelemetry.exporter.otlp.proto.http import trace_exporter as over_http
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from temporalio.contrib.opentelemetry import ReplaySafeTracerProvider, create_tracer_provider

from tracing.tree import TreePrinter


class OtelOptions(TypedDict):
    """Options of the agents plugin, in the worker and in a starter that traces."""

    use_otel_instrumentation: bool
    add_temporal_spans: bool


# The plugin's own spans are disabled, because the spans of `ActivityTraces` contain more.
OTEL_OPTIONS = OtelOptions(use_otel_instrumentation=True, add_temporal_spans=False)

# Defaults for standard variables.
DEFAULTS = {
    "OTEL_SERVICE_NAME": "durable-agents",
    # Keep prompts and answers out of the spans.
    "OPENINFERENCE_HIDE_INPUTS": "true",
    "OPENINFERENCE_HIDE_OUTPUTS": "true",
    # Milliseconds. A killed worker loses the spans of the last second; the default is 5 seconds.
    "OTEL_BSP_SCHEDULE_DELAY": "1000",
    # Seconds per batch, and so the maximum wait on exit for a collector that is down.
    "OTEL_EXPORTER_OTLP_TIMEOUT": "3",
    "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
}

# The loggers that report a collector that is down.
EXPORTER_LOGGERS = ("opentelemetry.exporter.otlp.proto.grpc.exporter", over_http.__name__)


@contextmanager
def telemetry(*, print_tree: bool = False) -> Iterator[None]:
    """Export spans while the block runs, and flush them at its end.

    `OTEL_TRACES_EXPORTER` is `otlp` (the collector at `OTEL_EXPORTER_OTLP_ENDPOINT`), `console`
    (the tree), both separated by a comma, or `none`. The default is `otlp` if an endpoint is set,
    otherwise `console`. `OTEL_EXPORTER_OTLP_PROTOCOL` is `grpc` or `http/protobuf`.

    Call this before `connect()`: the agents plugin looks up the tracer provider when it is built.

    Args:
        print_tree: Whether this process prints trees for `console`.

    Raises:
        typer.BadParameter: One of these variables has another value.
    """
    for name, value in DEFAULTS.items():
        os.environ.setdefault(name, value)
    provider = trace.get_tracer_provider()
    if not isinstance(provider, ReplaySafeTracerProvider):  # OpenTelemetry allows one per process
        provider = _provider(print_tree)
        trace.set_tracer_provider(provider)
    try:
        yield
    finally:
        provider.force_flush()


def _provider(print_tree: bool) -> ReplaySafeTracerProvider:
    provider = create_tracer_provider()
    for exporter in _exporters():
        if exporter == "otlp":
            provider.add_span_processor(BatchSpanProcessor(_otlp()))
        elif print_tree:
            provider.add_span_processor(TreePrinter())
    return provider


def _otlp() -> SpanExporter:
    for logger in EXPORTER_LOGGERS:
        _log_once(logger)
    match protocol := os.environ["OTEL_EXPORTER_OTLP_PROTOCOL"]:
        case "grpc":
            return over_grpc.OTLPSpanExporter()
        case "http/protobuf":
            return over_http.OTLPSpanExporter()
    raise typer.BadParameter(
        f"OTEL_EXPORTER_OTLP_PROTOCOL: {protocol} is not grpc or http/protobuf"
    )


def _exporters() -> list[str]:
    default = "otlp" if os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT") else "console"
    names = (os.environ.get("OTEL_TRACES_EXPORTER") or default).split(",")
    exporters = [name.strip() for name in names]
    if unknown := set(exporters) - {"otlp", "console", "none"}:
        listed = ", ".join(sorted(unknown))
        raise typer.BadParameter(f"OTEL_TRACES_EXPORTER: {listed} is not otlp, console or none")
    return [name for name in exporters if name != "none"]


def _log_once(logger: str) -> None:
    """Drop all records but the first: the exporter logs a failure for every batch."""
    first = iter([True])
    logging.getLogger(logger).addFilter(lambda _record: next(first, False))
