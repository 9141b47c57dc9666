"""LiteLLM's models under one owner of retries: LiteLLM tries once, Temporal does the rest."""

from durable_agents.model_errors import MAX_MESSAGE_LENGTH, TRANSIENT_STATUSES
from durable_agents.redaction import redact

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

# What no retry mends, and the agents plugin would retry for minutes: it goes by the status of the
# response, which these lack, or which belies them (a context window exceeded, sent as a 500).
HOPELESS = (
    BadRequestError,
    exceptions.BlockedPiiEntityError,
    exceptions.BudgetExceededError,
    exceptions.GuardrailRaisedException,
    exceptions.ModelNotMappedError,
    exceptions.ModifyResponseException,
    exceptions.SensitiveDataRouteException,
)

# LiteLLM reports a key that is not set as one of these, with status 500, for several providers.
SERVER_ERRORS = (exceptions.APIConnectionError, exceptions.APIError, exceptions.InternalServerError)
MISSING_KEY = re.compile(r"Missing (credentials|\w+ API key)", re.IGNORECASE)
# An answer that LiteLLM cannot read it reports so; a page of some proxy's is not one.
UNREADABLE = re.compile(r"Received: (?!['\"]\s*<)|LiteLLM: provider returned ")


class SingleTryProvider(ModelProvider):
    """Gives the model for any name that LiteLLM knows, such as `anthropic/claude-sonnet-4-5`."""

    def __init__(self) -> None:
        """Keep LiteLLM from printing advice on every error."""
        litellm.suppress_debug_info = True

    def get_model(self, model_name: str | None) -> Model:
        """Return the model; LiteLLM reads its key from the environment (`ANTHROPIC_API_KEY`)."""
        return SingleTryModel(model_name or "")


class SingleTryModel(LitellmModel):
    """Asks once, and says of an error whether another try makes sense."""

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
        """Return the answer."""
        # LiteLLM would make three calls for each of Temporal's attempts.
        once = model_settings.resolve(ModelSettings(extra_args={"max_retries": 0}))
        try:
            return await super().get_response(
                system_instructions, input, once, tools, output_schema, handoffs, tracing
            )
        except (*SERVER_ERRORS, *HOPELESS) as error:
            if MISSING_KEY.search(str(error)):
                final = refusal(str(error).splitlines()[0], "AuthenticationError")
            elif UNREADABLE.search(str(error)) or not isinstance(status_of(error), int):
                raise ValueError(str(error).splitlines()[0]) from None  # as other clients would
            elif may_pass(error):
                raise
            else:
                final = refusal(str(error), name_of(error))
        raise final  # here, and not above, so that it carries nothing of LiteLLM's error


def refusal(message: str, type: str) -> ApplicationError:
    """Return a non-retryable error, without keys that a provider may have echoed."""
    return ApplicationError(redact(message)[:MAX_MESSAGE_LENGTH], type=type, non_retryable=True)


def status_of(error: Exception) -> object:
    """Return an error's status code; LiteLLM also puts the code of an error in a 200 there."""
    return getattr(error, "status_code", 500)


def may_pass(error: Exception) -> bool:
    """Whether the same request may fare better later."""
    if isinstance(error, SERVER_ERRORS):
        return error.status_code >= 500 or error.status_code in TRANSIENT_STATUSES
    return False


def name_of(error: Exception) -> str:
    """Return the name of an error; LiteLLM has none for most that say "this key may not"."""
    forbidden = isinstance(error, exceptions.APIError) and error.status_code == 403
    return "PermissionDeniedError" if forbidden else type(error).__name__
