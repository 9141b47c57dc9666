"""A model for plain `Runner.run` that streams from its provider, and publishes text on the way.

The workflow gets one whole response, which the worker validates like any other.
"""

from durable_agents.model_calls import OpenAIClient
from durable_agents.responses import rejected

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from agents import (
    AgentOutputSchemaBase,
    Handoff,
    Model,
    ModelProvider,
    ModelResponse,
    ModelSettings,
    ModelTracing,
    OpenAIProvider,
    Tool,
    TResponseInputItem,
    Usage,
    UserError,
)
from agents.items import TResponseStreamEvent
from openai.types.responses import (
    Response,
    ResponseCompletedEvent,
    ResponsePromptParam,
    ResponseTextDeltaEvent,
)

from streaming.publisher import publishing


class StreamingModel(Model):
    """Streams from `inner`, publishes the text to the workflow, and returns the response."""

    def __init__(self, inner: Model) -> None:
        self._inner = inner

    async def get_response(
        self,
        system_instructions: str | None,
        input: str | list[TResponseInputItem],
        model_settings: ModelSettings,
        tools: list[Tool],
        output_schema: AgentOutputSchemaBase | None,
        handoffs: list[Handoff],
        tracing: ModelTracing,
        *,
        previous_response_id: str | None,
        conversation_id: str | None,
        prompt: ResponsePromptParam | None,
    ) -> ModelResponse:
        """Return the whole response.

        Raises:
            ApplicationError: The stream ended before the response was complete. Retryable.
        """
        events = self._inner.stream_response(
            system_instructions,
            input,
            model_settings,
            tools,
            output_schema,
            handoffs,
            tracing,
            previous_response_id=previous_response_id,
            conversation_id=conversation_id,
            prompt=prompt,
        )
        return await _read(events)

    def stream_response(
        self, *args: object, **kwargs: object
    ) -> AsyncIterator[TResponseStreamEvent]:
        """Raise UserError: `Runner.run_streamed` streams in another way (see the README)."""
        raise UserError("This model streams with Runner.run; do not use Runner.run_streamed.")


class StreamingProvider(ModelProvider):
    """Makes every model of `inner` a `StreamingModel`."""

    def __init__(self, inner: ModelProvider) -> None:
        self._inner = inner

    def get_model(self, model_name: str | None) -> Model:
        """Return the model with a name."""
        return StreamingModel(self._inner.get_model(model_name))


@asynccontextmanager
async def open_provider() -> AsyncIterator[ModelProvider]:
    """Yield the worker's model provider. Only Temporal retries its calls."""
    async with OpenAIClient() as openai:
        yield StreamingProvider(OpenAIProvider(openai_client=openai))


async def _read(events: AsyncIterator[TResponseStreamEvent]) -> ModelResponse:
    """Publish the text of a stream; return its response."""
    completed: Response | None = None
    async with publishing() as publisher:
        async for event in events:
            if isinstance(event, ResponseTextDeltaEvent):
                publisher.add(event.delta)
            elif isinstance(event, ResponseCompletedEvent):
                completed = event.response
    if completed is None:
        raise rejected("its stream ended before it was complete", retryable=True)
    return ModelResponse(completed.output, _usage(completed), completed.id)


def _usage(response: Response) -> Usage:
    used = response.usage
    if used is None:
        return Usage(requests=1)
    return Usage(
        requests=1,
        input_tokens=used.input_tokens,
        input_tokens_details=used.input_tokens_details,
        output_tokens=used.output_tokens,
        output_tokens_details=used.output_tokens_details,
        total_tokens=used.total_tokens,
    )
