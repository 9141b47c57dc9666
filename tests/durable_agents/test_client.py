"""`connect()`: address, settings, plugins, and the error if no server answers."""

from durable_agents import connect
from durable_agents.client import model_call_defaults

import socket
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from agents.tracing import add_trace_processor, get_trace_provider
from agents.tracing.processor_interface import TracingProcessor
from temporalio.api.common.v1 import Payload
from temporalio.client import Interceptor, OutboundInterceptor, StartWorkflowInput, WorkflowHandle
from temporalio.converter import DataConverter, PayloadCodec
from temporalio.openai_agents import ModelActivityParameters
from temporalio.runtime import Runtime, TelemetryConfig
from temporalio.testing import WorkflowEnvironment


@pytest.fixture
def free_port() -> Iterator[int]:
    with socket.socket() as bound:  # bound but not listening: connections are refused
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


async def test_missing_server_raises_an_error_with_the_address(
    monkeypatch: pytest.MonkeyPatch, free_port: int
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", f"127.0.0.1:{free_port}")
    with pytest.raises(ConnectionError) as error:
        await connect()
    assert str(error.value) == f"No Temporal server at 127.0.0.1:{free_port} (Connection refused)"


async def test_profile_sets_the_address(
    temporal: WorkflowEnvironment, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    address = temporal.client.service_client.config.target_host
    config = tmp_path / "temporal.toml"
    config.write_text(f'[profile.mine]\naddress = "{address}"\nnamespace = "default"\n')
    monkeypatch.delenv("TEMPORAL_ADDRESS")
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", str(config))
    monkeypatch.setenv("TEMPORAL_PROFILE", "mine")
    client = await connect()
    assert client.service_client.config.target_host == address


def test_model_calls_have_bounded_retries() -> None:
    defaults = model_call_defaults()
    assert defaults.schedule_to_close_timeout is None
    assert defaults.start_to_close_timeout is not None
    assert defaults.heartbeat_timeout is not None
    assert defaults.heartbeat_timeout < defaults.start_to_close_timeout
    assert defaults.retry_policy is not None
    assert defaults.retry_policy.maximum_attempts == 12


async def test_model_params_option_replaces_the_defaults(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given: list[object] = []

    def build_plugin(**options: object) -> None:
        given.append(options["model_params"])
        raise _PluginBuiltError

    monkeypatch.setattr("durable_agents.client.OpenAIAgentsPlugin", build_plugin)
    own = ModelActivityParameters()
    with pytest.raises(_PluginBuiltError):
        await connect()
    with pytest.raises(_PluginBuiltError):
        await connect(model_params=own)
    assert given == [model_call_defaults(), own]


class _PluginBuiltError(Exception):
    pass


class _Collector(TracingProcessor):
    def __init__(self) -> None:
        self.started = 0

    def on_trace_start(self, trace: object) -> None:
        self.started += 1

    def on_trace_end(self, trace: object) -> None: ...

    def on_span_start(self, span: object) -> None: ...

    def on_span_end(self, span: object) -> None: ...

    def shutdown(self) -> None: ...

    def force_flush(self) -> None: ...


@pytest.mark.parametrize(
    ("base_url", "kept"),
    [(None, 1), ("https://api.openai.com/v1", 1), ("http://127.0.0.1:1/v1", 0)],
)
async def test_traces_are_sent_to_openai_only_if_model_calls_are(
    monkeypatch: pytest.MonkeyPatch, base_url: str | None, kept: int
) -> None:
    if base_url:
        monkeypatch.setenv("OPENAI_BASE_URL", base_url)
    before, after = _Collector(), _Collector()
    add_trace_processor(before)
    await connect()
    add_trace_processor(after)
    with get_trace_provider().create_trace("test"):
        pass
    assert (before.started, after.started) == (kept, 1)


class _Reversing(PayloadCodec):
    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [Payload(data=payload.SerializeToString()[::-1]) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [Payload.FromString(payload.data[::-1]) for payload in payloads]


class _StartRecorder(Interceptor):
    def __init__(self) -> None:
        self.started: list[str] = []

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:
        recorder = self

        class Outbound(OutboundInterceptor):
            async def start_workflow(self, input: StartWorkflowInput) -> WorkflowHandle[Any, Any]:
                recorder.started.append(input.id)
                return await super().start_workflow(input)

        return Outbound(next)


async def test_codec_interceptors_and_runtime_are_passed_to_the_client() -> None:
    recorder, codec = _StartRecorder(), _Reversing()
    runtime = Runtime(telemetry=TelemetryConfig())
    client = await connect(
        data_converter=DataConverter(payload_codec=codec), interceptors=[recorder], runtime=runtime
    )
    assert client.service_client.config.runtime is runtime
    handle = await client.start_workflow("Unserved", "secret", id="codec", task_queue="unserved")
    history = await handle.fetch_history()
    await handle.terminate()
    [payload] = history.events[0].workflow_execution_started_event_attributes.input.payloads
    assert recorder.started == ["codec"]
    assert Payload.FromString(payload.data[::-1]).data == b'"secret"'
