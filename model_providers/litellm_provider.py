"""A provider for LiteLLM's models that leaves all retries to Temporal."""

from durable_agents.model_errors import MAX_MESSAGE_LENGTH, TRANSIENT_STATUSES
from durable_agents.redaction import redact

import logging
import re

import litellm
from agents import (
    AgentOutputSchemaBase,
    Handoff,
    Model,
    ModelProvider,
    ModelResponse,
    ModelSettings,
    ModelTracing,
    Tool,
    TResponseInputItem,
)
from agents.extensions.models.litellm_model import LitellmModel
from litellm import exceptions
from openai import BadRequestError
from temporalio.exceptions import ApplicationError

# Permanent errors that the agents plugin would retry for minutes. It decides by HTTP status, and
# these have none, or a misleading one (such as "context window exceeded" with status 500).
NON_RETRYABLE = (
    BadRequestError,
    exceptions.BlockedPiiEntityError,
    exceptions.BudgetExceededError,
    exceptions.GuardrailRaisedException,
    exceptions.ModelNotMappedError,
    exceptions.ModifyResponseException,
    exceptions.SensitiveDataRouteException,
)

# For several providers, LiteLLM reports a missing key as one of these, with status 500.
SERVER_ERRORS = (exceptions.APIConnectionError, exceptions.APIError, exceptions.InternalServerError)
MISSING_KEY = re.compile(r"Missing (credentials|\w+ API key)", re.IGNORECASE)
# LiteLLM's messages for a response it cannot parse, but not for an HTML page from a proxy.
INVALID_RESPONSE = re.compile(r"Received: (?!['\"]\s*<)|LiteLLM: provider returned ")


class SingleTryProvider(ModelProvider):
    """Provides any model that LiteLLM knows, such as `anthropic/claude-sonnet-4-5`."""

    def __init__(self) -> None:
        """Turn off LiteLLM's printed advice on errors, and its log line for each call."""
        litellm.suppress_debug_info = True
        logging.getLogger("LiteLLM").setLevel(logging.WARNING)

    def get_model(self, model_name: str | None) -> Model:
        """Return the model. LiteLLM reads its key from the environment (`ANTHROPIC_API_KEY`)."""
        return SingleTryModel(model_name or "")


class SingleTryModel(LitellmModel):
    """Makes one attempt per call, and classifies errors as transient or non-retryable."""

    async def get_response(
        self,
        system_instructions: str | None,
        input: str | list[TResponseInputItem],
        model_settings: ModelSettings,
        tools: list[Tool],
        output_schema: AgentOutputSchemaBase | None,
        handoffs: list[Handoff],
        tracing: ModelTracing,
        previous_response_id: str | None = None,
        conversation_id: str | None = None,
        prompt: object = None,
    ) -> ModelResponse:
        """Return the model's response.

        Raises:
            ApplicationError: A permanent error. Non-retryable.
            ValueError: The response cannot be parsed. Retryable.
        """
        # By default LiteLLM makes three calls per attempt.
        once = model_settings.resolve(ModelSettings(extra_args={"max_retries": 0}))
        try:
            return await super().get_response(
                system_instructions, input, once, tools, output_schema, handoffs, tracing
            )
        except (*SERVER_ERRORS, *NON_RETRYABLE) as error:
            if MISSING_KEY.search(str(error)):
                permanent = non_retryable(str(error).splitlines()[0], "AuthenticationError")
            elif INVALID_RESPONSE.search(str(error)) or not isinstance(status_of(error), int):
                raise ValueError(str(error).splitlines()[0]) from None  # as other clients do
            elif is_transient(error):
                raise
            else:
                permanent = non_retryable(str(error), error_type(error))
        raise permanent  # outside the handler, so that its context does not include LiteLLM's error


def non_retryable(message: str, type: str) -> ApplicationError:
    """Return a non-retryable error. Keys that the provider echoed are redacted."""
    return ApplicationError(redact(message)[:MAX_MESSAGE_LENGTH], type=type, non_retryable=True)


def status_of(error: Exception) -> object:
    """Return the status code. For an error in a 200 response, LiteLLM uses the error's own code."""
    return getattr(error, "status_code", 500)


def is_transient(error: Exception) -> bool:
    """Return whether a retry could succeed."""
    if isinstance(error, SERVER_ERRORS):
        return error.status_code >= 500 or error.status_code in TRANSIENT_STATUSES
    return False


def error_type(error: Exception) -> str:
    """Return the type of an error. For most 403 responses, LiteLLM has no class of its own."""
    forbidden = isinstance(error, exceptions.APIError) and error.status_code == 403
    return "PermissionDeniedError" if forbidden else type(error).__name__
