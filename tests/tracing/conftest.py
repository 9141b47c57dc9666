"""Fixtures for tracing/: the spans that this process or another exports."""

import os
from collections.abc import Iterator

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from temporalio.contrib.opentelemetry import ReplaySafeTracerProvider

from tests.tracing.receiver import Receiver, receiving
from tracing.telemetry import telemetry


@pytest.fixture(autouse=True)
def scrubbed_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("OTEL_", "OPENINFERENCE_")):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def exporter() -> Iterator[InMemorySpanExporter]:
    """One exporter for all tests: OpenTelemetry allows one provider per process."""
    exporter = InMemorySpanExporter()
    with telemetry():
        provider = trace.get_tracer_provider()
        assert isinstance(provider, ReplaySafeTracerProvider)
        provider.add_span_processor(SimpleSpanProcessor(exporter))
        yield exporter
    exporter.shutdown()


@pytest.fixture
def exported(exporter: InMemorySpanExporter) -> Iterator[InMemorySpanExporter]:
    """The exporter, emptied, with its settings."""
    with telemetry():
        exporter.clear()
        yield exporter


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A collector for the processes that the test starts."""
    with receiving() as receiver:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint)
        yield receiver
