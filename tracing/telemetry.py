"""Where spans go: printed as a tree, exported by OTLP, or both. Set up once in a process."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

import typer
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.grpc import trace_exporter as over_grpc
from opentelemetry.exporter.otlp.proto.http import trace_exporter as over_http
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from temporalio.contrib.opentelemetry import ReplaySafeTracerProvider, create_tracer_provider

from tracing.tree import TreePrinter

# For the agents plugin, in the worker and in a starter that traces. Its own spans of starts and
# executions are left out: those of `ActivityTraces` say more.
OTEL_OPTIONS = {"use_otel_instrumentation": True, "add_temporal_spans": False}

# Standard variables, which anyone may set otherwise.
DEFAULTS = {
    "OTEL_SERVICE_NAME": "durable-agents",
    # What people and models say stays out of the spans: a collector is not the place for it.
    "OPENINFERENCE_HIDE_INPUTS": "true",
    "OPENINFERENCE_HIDE_OUTPUTS": "true",
    # Milliseconds: a worker that is killed loses the spans of the last second, not of five.
    "OTEL_BSP_SCHEDULE_DELAY": "1000",
    # Seconds for one batch, and so the longest that an exit waits for a collector that is away.
    "OTEL_EXPORTER_OTLP_TIMEOUT": "3",
    "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
}

# What an exporter has to say of a collector that is away.
EXPORTERS_LOGGERS = ("opentelemetry.exporter.otlp.proto.grpc.exporter", over_http.__name__)


@contextmanager
def telemetry(*, tree: bool = False) -> Iterator[None]:
    """Export spans while the block lasts; on leaving, send those that are left.

    `OTEL_TRACES_EXPORTER` says where to: `otlp` (the collector at `OTEL_EXPORTER_OTLP_ENDPOINT`),
    `console` (the tree), both with a comma between, or `none`. Unset, it is `otlp` where there is
    an endpoint, else `console`. `OTEL_EXPORTER_OTLP_PROTOCOL` is `grpc` or `http/protobuf`.

    The agents plugin looks for the tracer provider when it is built: call this before `connect()`.

    Args:
        tree: Whether this process prints trees, where they are asked for.

    Raises:
        typer.BadParameter: One of these variables says something else.
    """
    for name, value in DEFAULTS.items():
        os.environ.setdefault(name, value)
    provider = trace.get_tracer_provider()
    if not isinstance(provider, ReplaySafeTracerProvider):  # OpenTelemetry allows one a process
        provider = _provider(tree)
        trace.set_tracer_provider(provider)
    try:
        yield
    finally:
        provider.force_flush()


def _provider(tree: bool) -> ReplaySafeTracerProvider:
    provider = create_tracer_provider()
    for exporter in _exporters():
        if exporter == "otlp":
            provider.add_span_processor(BatchSpanProcessor(_otlp()))
        elif tree:
            provider.add_span_processor(TreePrinter())
    return provider


def _otlp() -> SpanExporter:
    for logger in EXPORTERS_LOGGERS:
        _say_once(logger)
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
    named = (os.environ.get("OTEL_TRACES_EXPORTER") or default).split(",")
    wanted = [name.strip() for name in named]
    if unknown := set(wanted) - {"otlp", "console", "none"}:
        names = ", ".join(sorted(unknown))
        raise typer.BadParameter(f"OTEL_TRACES_EXPORTER: {names} is not otlp, console or none")
    return [name for name in wanted if name != "none"]


def _say_once(logger: str) -> None:
    """Let a logger say one thing: a collector that is away is news once, not with each batch."""
    said = iter([True])
    logging.getLogger(logger).addFilter(lambda _record: next(said, False))
