"""Latency, tokens, and cost of model calls, as metrics of the worker's runtime.

They follow OpenTelemetry's conventions for generative AI, and never contain prompts:

- `gen_ai_client_operation_duration_seconds`: each attempt; failed ones have an `error_type`
- `gen_ai_client_token_usage`: by `gen_ai_token_type` (input, output), also of rejected responses
- `gen_ai_client_cost_usd`: of each response; not in the conventions, and only with a price
"""

from durable_agents.model_calls import MODEL_CALLS

import asyncio
import logging
import time
from collections.abc import Callable
from decimal import Decimal
from functools import wraps
from typing import Any

from agents import ModelResponse, Usage
from agents.models.default_models import get_default_model
from temporalio import activity, client, worker
from temporalio.exceptions import ApplicationError

MAX_LABEL_VALUES = 100  # of each label in a process; the others are counted as OTHER
MAX_LABEL_LENGTH = 200  # characters
OTHER = "_OTHER"

Price = Callable[[str, Usage], Decimal | None]
"""Returns the dollars that a response costs, or None if the model's price is unknown.

The arguments are the model, as the agent names it, and the tokens, cached ones among them."""

DURATION, TOKENS, COST = (
    f"gen_ai.client.{name}" for name in ("operation.duration", "token.usage", "cost")
)
# For Prometheus, which appends them to names, and for OpenTelemetry.
_UNITS = {DURATION: ("seconds", "s"), TOKENS: (None, "{token}"), COST: ("usd", "USD")}
# The buckets of the conventions, continued to the ten minutes that a model call may take.
SECONDS = [0.01 * 2**n for n in range(17)]
BUCKETS = {
    DURATION: SECONDS,
    TOKENS: [4.0**n for n in range(14)],
    COST: [10.0**n * m for n in range(-5, 1) for m in (1, 2, 5)],
}
# Names of the conventions for what LiteLLM names differently.
_PROVIDERS = {
    "azure": "azure.ai.openai",
    "bedrock": "aws.bedrock",
    "gemini": "gcp.gemini",
    "mistral": "mistral_ai",
    "vertex_ai": "gcp.vertex_ai",
    "xai": "x_ai",
}

_logger = logging.getLogger(__name__)


def prometheus_name(name: str) -> str:
    """Return a name of the conventions as Prometheus accepts it."""
    return name.replace(".", "_")


class ModelCallMetrics(client.Interceptor, worker.Interceptor):
    """Measures the attempts of model calls, streamed or not.

    `connect()` adds it if `METRICS_ADDRESS` is set. Pass one for a price, or with a runtime of your
    own: `connect(interceptors=[ModelCallMetrics(price=...)])`, before other interceptors.

    Args:
        price: Adds the cost. An error that it raises is logged.
        dotted: Use the names and units of the conventions as they are, for runtimes that export
            to OpenTelemetry. Prometheus rejects them.
    """

    def __init__(self, price: Price | None = None, *, dotted: bool = False) -> None:
        self.price, self._dotted = price, dotted
        self._values: dict[str, set[str]] = {}

    def intercept_activity(
        self, next: worker.ActivityInboundInterceptor
    ) -> worker.ActivityInboundInterceptor:
        """Measure model calls."""
        return _ModelCall(next, self) if activity.info().activity_type in MODEL_CALLS else next

    def record(self, metric: str, value: float, labels: dict[str, str]) -> None:
        """Record a value in a histogram, with a bounded number of values for each label."""
        names, unit = (str, 1) if self._dotted else (prometheus_name, 0)
        bounded = {names(label): self._bounded(label, labels[label]) for label in labels}
        meter = activity.metric_meter()
        meter.create_histogram_float(names(metric), None, _UNITS[metric][unit]).record(
            value, bounded
        )

    def _bounded(self, label: str, value: str) -> str:
        known, value = self._values.setdefault(label, set()), value[:MAX_LABEL_LENGTH]
        if len(known) < MAX_LABEL_VALUES:
            known.add(value)
        return value if value in known else OTHER


class _ModelCall(worker.ActivityInboundInterceptor):
    def __init__(self, next: worker.ActivityInboundInterceptor, metrics: ModelCallMetrics) -> None:
        super().__init__(next)
        self._metrics = metrics
        self._labels: dict[str, str] = {}
        self._seconds: float | None = None  # None: the model was not called

    async def execute_activity(self, input: worker.ExecuteActivityInput) -> Any:
        call = input.fn

        @wraps(call)
        async def measured(request: Any) -> Any:
            model = request.get("model_name") or get_default_model()
            self._labels = _labels(model)
            start = time.monotonic()
            try:
                response = await call(request)
            finally:
                self._seconds = time.monotonic() - start
            self._record_usage(model, response)
            return response

        input.fn, failure = measured, {}
        try:
            return await super().execute_activity(input)
        except (Exception, asyncio.CancelledError) as error:
            kind = error.type if isinstance(error, ApplicationError) else None
            failure = {"error.type": kind or type(error).__name__}
            raise
        finally:
            if self._seconds is not None:
                self._metrics.record(DURATION, self._seconds, self._labels | failure)

    def _record_usage(self, model: str, response: Any) -> None:
        """Record tokens and cost, unless the provider sent none."""
        try:
            usage = _usage(response)
            if usage is None or usage.input_tokens + usage.output_tokens <= 0:
                return
            for kind, tokens in [("input", usage.input_tokens), ("output", usage.output_tokens)]:
                self._metrics.record(TOKENS, tokens, self._labels | {"gen_ai.token.type": kind})
            price = self._metrics.price
            if price and (cost := price(model, usage)) is not None:
                self._metrics.record(COST, float(cost), self._labels)
        except Exception as error:  # malformed counts, an unknown price: the response is still good
            _logger.warning("The usage of model %s is not recorded: %r", model, error)


def _labels(model: str) -> dict[str, str]:
    prefix, *rest = model.split("/")
    provider = rest[0] if prefix == "litellm" and len(rest) > 1 else "openai"
    return {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": _PROVIDERS.get(provider, provider),
        "gen_ai.request.model": model,
        "workflow_type": activity.info().workflow_type or "",
    }


def _usage(response: Any) -> Usage | None:
    """Return the usage of a response, or of the events of a streamed one."""
    if isinstance(response, ModelResponse):
        return response.usage
    ends = (getattr(event, "response", None) for event in reversed(response))
    usage = next((end.usage for end in ends if end), None)
    return usage and Usage(
        requests=1,
        input_tokens=usage.input_tokens,
        input_tokens_details=usage.input_tokens_details,
        output_tokens=usage.output_tokens,
        output_tokens_details=usage.output_tokens_details,
        total_tokens=usage.total_tokens,
    )
