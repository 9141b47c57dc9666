"""What the tests of tracing/ share: the spans that this process exports."""

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
def no_settings_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("OTEL_", "OPENINFERENCE_")):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def exporter() -> Iterator[InMemorySpanExporter]:
    """One for all tests: OpenTelemetry allows one provider a process, and never lets one go."""
    exporter = InMemorySpanExporter()
    with telemetry():
        provider = trace.get_tracer_provider()
        assert isinstance(provider, ReplaySafeTracerProvider)
        provider.add_span_processor(SimpleSpanProcessor(exporter))
        yield exporter
    exporter.shutdown()


@pytest.fixture
def exported(exporter: InMemorySpanExporter) -> Iterator[InMemorySpanExporter]:
    """The exporter, with nothing in it, and the settings that go with it."""
    with telemetry():
        exporter.clear()
        yield exporter


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A collector that the processes of the test send to."""
    with receiving() as receiver:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint)
        yield receiver
