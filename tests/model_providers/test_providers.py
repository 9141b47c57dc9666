"""Retries of LiteLLM's errors, and the absence of keys from histories."""

import inspect
from unittest.mock import AsyncMock, patch

import httpx
import pytest
from agents import ModelSettings
from temporalio.exceptions import ApplicationError
from temporalio.openai_agents._invoke_model_activity import (
    ActivityModelInput,
    ModelActivity,
    ModelTracingInput,
)
from temporalio.testing import ActivityEnvironment

from model_providers.providers import open_provider
from offline_model.server import OfflineModel
from tests.harness.starters import samples_of, start_all
from tests.model_providers.conftest import KEY, serving_real_providers

# LiteLLM imports parts of itself on the first call, and one of them warns.
pytestmark = pytest.mark.filterwarnings("ignore:Items? .* on TypedDict class:UserWarning")

TRANSIENT = {
    "APIConnectionError",
    "APIResponseValidationError",
    "BadGatewayError",
    "CallerCredentialRateLimitError",
    "InternalServerError",
    "JSONSchemaValidationError",
    "MidStreamFallbackError",
    "OpenAIError",
    "RateLimitError",
    "ServiceUnavailableError",
    "Timeout",
    "APIError 429",
    "APIError 500",
}
ARGUMENTS = {
    "message": "No.",
    "llm_provider": "openai",
    "model": "gpt-5",
    "failures": [],
    "request_data": {},
    "raw_response": "{",
    "schema": "{}",
    "current_cost": 2.0,
    "max_budget": 1.0,
    "entity_type": "IBAN",
    "route_to_model": "gpt-5",
    "session_id": "1",
}


def response(status: int) -> httpx.Response:
    request = httpx.Request("POST", "https://api.example/v1/chat/completions")
    return httpx.Response(status, request=request)


def errors() -> dict[str, Exception]:
    """Return an instance of every LiteLLM exception class, and some with unusual status codes."""
    from litellm import exceptions  # slow, and it reads the environment

    found: dict[str, Exception] = {}
    for name, kind in vars(exceptions).items():
        if not (inspect.isclass(kind) and issubclass(kind, Exception)):
            continue
        if name in ("APIError", "MockException"):  # added below; only for LiteLLM's tests
            continue
        parameters = inspect.signature(kind.__init__).parameters.values()
        required = [each.name for each in parameters if each.default is each.empty]
        arguments = {key: ARGUMENTS[key] for key in required if key in ARGUMENTS}
        if "response" in required:
            arguments["response"] = response(403 if "Permission" in name else 422)
        found[name] = kind(**arguments)
    for status in (402, 403, 413, 429, 500):
        error = exceptions.APIError(status, "No.", "openai", "gpt-5", response=response(status))
        found[f"APIError {status}"] = error
    mislabeled = exceptions.ContextWindowExceededError("No.", "gpt-5", "openai", response(500))
    return {**found, "ContextWindowExceededError sent as 500": mislabeled}


async def is_retried(error: Exception, activity: ModelActivity) -> bool:
    """Return whether Temporal would retry a model call that fails with `error`."""
    model_input = ActivityModelInput(
        model_name="litellm/openai/gpt-5",
        input="Hello?",
        model_settings=ModelSettings(),
        tracing=ModelTracingInput.DISABLED,
    )
    with patch("litellm.acompletion", AsyncMock(side_effect=error)):
        try:
            await ActivityEnvironment().run(activity.invoke_model_activity, model_input)
        except ApplicationError as raised:
            return not raised.non_retryable
        except type(error):
            return True
    raise AssertionError(f"{error!r} was not raised")


async def test_only_transient_litellm_errors_are_retried(offline: OfflineModel) -> None:
    async with open_provider() as provider:
        activity = ModelActivity(provider)
        retried = {name for name, error in errors().items() if await is_retried(error, activity)}
    assert retried == TRANSIENT


async def test_history_contains_no_key(offline: OfflineModel) -> None:
    async with serving_real_providers() as client:
        outcome = await start_all(samples_of("model_providers"), client)
        offline.faults.always("401")
        rejected = await start_all(samples_of("model_providers"), client)
    outcome.assert_completed()
    assert all(rejected.failures.values())
    for run in outcome.runs + rejected.runs:
        assert KEY.encode() not in b"".join(e.SerializeToString() for e in run.history.events)
