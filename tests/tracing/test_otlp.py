"""The real worker and starter export their spans to a collector."""

import re
import signal
from pathlib import Path

import pytest

from offline_model.server import OfflineModel
from sample_cli.catalog import find
from tests.harness.processes import ForkedScript
from tests.tracing.receiver import Receiver, receiving_over_http
from tracing.run_otel_export_workflow import main

SAMPLE = find("tracing/client_trace")


def folder(path: Path, name: str) -> Path:
    (path / name).mkdir()
    return path / name


def outlines(text: str) -> list[list[str]]:
    """Return the trees in a text, each as indented span names."""
    trees = re.findall(r"^Trace [^\n]+\n((?:  [^\n]+\n)+)", text, re.MULTILINE)
    return [[re.split(r"\b {2,}", line)[0] for line in tree.splitlines()] for tree in trees]


async def test_default_prints_the_tree_in_the_readme(model: OfflineModel, tmp_path: Path) -> None:
    with ForkedScript(SAMPLE.worker, folder=tmp_path) as worker:
        await main("When is high water in Hamburg today?")
        worker.send(signal.SIGTERM)
        ended = await worker.ended()
    [printed] = outlines(ended.out)
    assert printed == outlines((SAMPLE.worker.parent / "README.md").read_text(encoding="utf-8"))[0]


async def test_all_spans_are_exported_once_and_printed(
    model: OfflineModel, receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "otlp, console")
    with ForkedScript(SAMPLE.worker, folder=folder(tmp_path, "worker")) as worker:
        with ForkedScript(SAMPLE.starter, folder=folder(tmp_path, "starter")) as starter:
            started = await starter.ended()
        worker.send(signal.SIGTERM)
        served = await worker.ended()
    assert (started.code, started.err, served.code) == (0, "", 0)
    trace_id = started.out.split()[-1]
    root = receiver.one_tree()
    assert (root.name, root.trace_id.hex()) == ("A user asks", trace_id)
    assert receiver.services == {"durable-agents"}
    calls = [span for span in receiver.spans if span.name == "response"]
    assert len(calls) == len(model.calls) == 3
    assert b"Bergen" not in b"".join(span.SerializeToString() for span in receiver.spans)
    assert f"Trace {trace_id}, started elsewhere\n" in served.out
    [printed] = outlines(served.out)
    assert len(printed) == len(receiver.spans) - 1


@pytest.mark.exhaustive
async def test_prompts_are_exported_when_enabled(
    model: OfflineModel, receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENINFERENCE_HIDE_INPUTS", "false")
    with ForkedScript(SAMPLE.worker, folder=tmp_path) as worker:
        await main("When is high water in Bergen?")
        worker.send(signal.SIGTERM)
        ended = await worker.ended()
    receiver.one_tree()
    assert not outlines(ended.out), "the tree was printed too"
    assert b"in Bergen?" in b"".join(span.SerializeToString() for span in receiver.spans)


async def test_spans_are_exported_over_http_when_configured(
    model: OfflineModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "Authorization=Basic%20a2V5")
    with receiving_over_http() as receiver:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint)
        with ForkedScript(SAMPLE.worker, folder=tmp_path) as worker:
            await main("When is high water in Bergen?")
            worker.send(signal.SIGTERM)
            ended = await worker.ended()
    assert (ended.code, ended.out.count("Trace ")) == (0, 0)
    assert receiver.one_tree().name == "Tide question"
    assert receiver.headers["path"] == "/collect/v1/traces"
    assert receiver.headers["authorization"] == "Basic a2V5"
