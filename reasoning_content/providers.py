"""Select the API by model name: Chat Completions for `chat/NAME`, Responses for others."""

from durable_agents.model_calls import OpenAIClient

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from agents import MultiProvider, OpenAIProvider
from agents.models.multi_provider import MultiProviderMap


@asynccontextmanager
async def open_provider() -> AsyncIterator[MultiProvider]:
    """Yield the worker's model provider. Both APIs use `OPENAI_BASE_URL`."""
    async with OpenAIClient() as client:
        providers = MultiProviderMap()
        providers.add_provider("chat", OpenAIProvider(openai_client=client, use_responses=False))
        yield MultiProvider(provider_map=providers, openai_client=client)
