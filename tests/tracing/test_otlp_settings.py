"""A collector that is down blocks nothing; unknown settings are rejected."""

import signal
from pathlib import Path

import pytest

from offline_model.server import OfflineModel
from sample_cli.catalog import find
from sample_cli.processes import free_port
from tests.harness.processes import ForkedScript
from tracing.run_otel_export_workflow import main

SAMPLE = find("tracing/client_trace")


@pytest.mark.parametrize(
    "protocol", ["grpc", pytest.param("http/protobuf", marks=pytest.mark.exhaustive)]
)
async def test_collector_that_is_down_is_logged_once_and_blocks_nothing(
    protocol: str, model: OfflineModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", protocol)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "10")  # one batch per few spans
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
    with ForkedScript(SAMPLE.worker, folder=tmp_path) as worker:
        await main("When is high water in Bergen?")
        await main("When is high water in Lisbon?")
        worker.send(signal.SIGTERM)
        ended = await worker.ended()
    assert ended.code == 0
    assert ended.err.count("opentelemetry.exporter") == 1, ended.err
    assert "Traceback" not in ended.err


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("EXPORTER_OTLP_PROTOCOL", "http/json", "http/json is not grpc or http/protobuf"),
        ("TRACES_EXPORTER", "otlp,zipkin", "zipkin is not otlp, console or none"),
    ],
)
async def test_unknown_setting_is_rejected(
    name: str, value: str, problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv(f"OTEL_{name}", value)
    with ForkedScript(SAMPLE.worker, folder=tmp_path) as worker:
        ended = await worker.ended()
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.endswith(f"OTEL_{name}: {problem}\n")
    assert len(ended.err.splitlines()) == 1
