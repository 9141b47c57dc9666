"""Prometheus gets the latency, tokens, and cost of every attempt of a model call."""

from durable_agents import connect
from durable_agents.errors import SettingsError
from durable_agents.model_metrics import MAX_LABEL_VALUES, OTHER, ModelCallMetrics, _usage
from durable_agents.telemetry import default_interceptors, default_runtime

import re
from contextlib import suppress
from decimal import Decimal
from uuid import uuid4

import httpx2
import pytest
from agents import Usage
from agents.testing import ModelStep, ScriptedModel, assistant_message
from openai.types.responses import (
    Response,
    ResponseCompletedEvent,
    ResponseCreatedEvent,
    ResponseUsage,
)
from temporalio.client import WorkflowFailureError
from temporalio.runtime import Runtime
from temporalio.worker import Worker

from basic.workflows.hello_world import HelloWorldAgent
from sample_cli.processes import free_port
from tests.harness.workers import FixedModelProvider, bad_request, model_params

QUEUE = "test-model-metrics"
LABELS = {
    "gen_ai_operation_name": "chat",
    "gen_ai_provider_name": "openai",
    "gen_ai_request_model": "gpt-test",
    "workflow_type": "HelloWorldAgent",
    "activity_type": "invoke_model_activity",
    "task_queue": QUEUE,
    "namespace": "default",
}
TOKENS = "gen_ai_client_token_usage"
SECONDS = "gen_ai_client_operation_duration_seconds"
USAGE = Usage(requests=1, input_tokens=700, output_tokens=300, total_tokens=1_000)
SECRET = "a secret in the prompt"


@pytest.fixture
def metrics(monkeypatch: pytest.MonkeyPatch) -> tuple[Runtime, str]:
    """A runtime that serves metrics, as `connect()` builds it, and their address."""
    address = f"127.0.0.1:{free_port()}"
    monkeypatch.setenv("METRICS_ADDRESS", address)
    monkeypatch.setenv("OPENAI_DEFAULT_MODEL", "gpt-test")
    return default_runtime.__wrapped__(), f"http://{address}/metrics"


def price(model: str, usage: Usage) -> Decimal | None:
    """Return a cent for each million tokens of `gpt-test`."""
    assert model == "gpt-test"
    return Decimal(usage.input_tokens + usage.output_tokens) / 100_000_000


async def run(runtime: Runtime, model: ScriptedModel, interceptor: ModelCallMetrics) -> None:
    """Run the workflow, and stop the worker: a run's result is known before all of its metrics."""
    client = await connect(
        runtime=runtime,
        interceptors=[interceptor],
        model_provider=FixedModelProvider(model),
        model_params=model_params(),
    )
    async with Worker(client, task_queue=QUEUE, workflows=[HelloWorldAgent]):
        id = f"metrics-{uuid4()}"
        with suppress(WorkflowFailureError):
            await client.execute_workflow(HelloWorldAgent.run, SECRET, id=id, task_queue=QUEUE)


async def scrape(url: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Return every sample with its labels."""
    async with httpx2.AsyncClient(trust_env=False) as http:
        text = (await http.get(url)).text
    assert SECRET not in text
    samples = re.findall(r"^(\w+)\{(.*)\} (\S+)$", text, re.MULTILINE)
    return {
        (name, frozenset(re.findall(r'(\w+)="([^"]*)"', labels))): float(value)
        for name, labels, value in samples
    }


def key(name: str, **labels: str) -> tuple[str, frozenset[tuple[str, str]]]:
    return name, frozenset((LABELS | labels).items())


async def test_tokens_and_cost_of_a_call(metrics: tuple[Runtime, str]) -> None:
    model = ScriptedModel([ModelStep([assistant_message("A haiku.")], usage=USAGE)])
    await run(metrics[0], model, ModelCallMetrics(price))
    found = await scrape(metrics[1])
    assert found[key(f"{TOKENS}_sum", gen_ai_token_type="input")] == 700
    assert found[key(f"{TOKENS}_sum", gen_ai_token_type="output")] == 300
    assert found[key(f"{TOKENS}_bucket", gen_ai_token_type="input", le="256")] == 0
    assert found[key(f"{TOKENS}_bucket", gen_ai_token_type="input", le="1024")] == 1
    assert found[key("gen_ai_client_cost_usd_sum")] == pytest.approx(0.00001)
    assert found[key(f"{SECONDS}_count")] == 1
    assert 0 <= found[key(f"{SECONDS}_sum")] < 10
    assert found[key(f"{SECONDS}_bucket", le="655.36")] == 1
    assert any(name == "temporal_workflow_completed_total" for name, _ in found)
    assert any(name == "temporal_activity_execution_latency_seconds_sum" for name, _ in found)


async def test_failed_attempts_count_with_their_error(metrics: tuple[Runtime, str]) -> None:
    model = ScriptedModel([ModelStep.raise_error(bad_request("no"))])
    await run(metrics[0], model, ModelCallMetrics(price))
    found = await scrape(metrics[1])
    assert found[key(f"{SECONDS}_count", error_type="BadRequestError")] == 1
    assert not [name for name, _ in found if "token_usage" in name or "cost" in name]


async def test_tokens_of_a_rejected_response_count(metrics: tuple[Runtime, str]) -> None:
    model = ScriptedModel([ModelStep([assistant_message("")], usage=USAGE)])
    await run(metrics[0], model, ModelCallMetrics(price))
    found = await scrape(metrics[1])
    assert found[key(f"{SECONDS}_count", error_type="ModelBehaviorError")] == 1
    assert found[key(f"{TOKENS}_sum", gen_ai_token_type="input")] == 700


async def test_error_of_a_price_does_not_fail_the_call(metrics: tuple[Runtime, str]) -> None:
    def unknown(model: str, usage: Usage) -> Decimal:
        raise LookupError(model)

    model = ScriptedModel([ModelStep([assistant_message("A haiku.")], usage=USAGE)])
    await run(metrics[0], model, ModelCallMetrics(unknown))
    found = await scrape(metrics[1])
    assert found[key(f"{SECONDS}_count")] == 1
    assert found[key(f"{TOKENS}_sum", gen_ai_token_type="output")] == 300


def test_usage_of_a_streamed_response_is_that_of_its_last_event() -> None:
    usage = ResponseUsage.construct(input_tokens=7, output_tokens=3, total_tokens=10)
    events = [
        ResponseCreatedEvent.construct(response=Response.construct(usage=None)),
        ResponseCompletedEvent.construct(response=Response.construct(usage=usage)),
    ]
    found = _usage(events)
    assert found
    assert (found.input_tokens, found.output_tokens, found.requests) == (7, 3, 1)
    assert _usage(events[:1]) is None
    assert _usage([]) is None


def test_values_of_a_label_are_bounded() -> None:
    interceptor = ModelCallMetrics()
    values = [interceptor._bounded("model", str(number)) for number in range(200)]
    assert values == [*map(str, range(MAX_LABEL_VALUES)), *[OTHER] * (200 - MAX_LABEL_VALUES)]
    assert interceptor._bounded("model", "0") == "0"


def test_model_calls_are_measured_if_the_environment_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert default_interceptors([]) == []
    monkeypatch.setenv("METRICS_ADDRESS", "127.0.0.1:1")
    assert [type(one) for one in default_interceptors([])] == [ModelCallMetrics]
    given = [ModelCallMetrics(price)]
    assert default_interceptors(given) is given


def test_address_in_use_is_rejected(metrics: tuple[Runtime, str]) -> None:
    with pytest.raises(SettingsError, match=r"METRICS_ADDRESS: 127\.0\.0\.1 port .* in use"):
        default_runtime.__wrapped__()
