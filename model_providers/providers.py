"""Map the prefix of a model name to a provider, on the worker."""

from durable_agents.model_calls import OpenAIClient

import os
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

from agents import MultiProvider
from agents.models.multi_provider import MultiProviderMap

from model_providers.local_provider import LocalProvider


@asynccontextmanager
async def open_provider() -> AsyncIterator[MultiProvider]:
    """Yield the worker's model provider.

    | model name                   | provider                                |
    | ---------------------------- | --------------------------------------- |
    | `litellm/PROVIDER/MODEL`     | any of LiteLLM's providers              |
    | `local/MODEL`                | the server at `GPT_OSS_BASE_URL`        |
    | `openai/MODEL`, or no prefix | OpenAI, or `OPENAI_BASE_URL`            |

    Keys are read from the worker's environment. Workflows and histories never contain them.
    """
    # LiteLLM reads this on import. Without it, the import downloads a price list.
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    from model_providers.litellm_provider import SingleTryProvider

    async with OpenAIClient() as openai, aclosing(LocalProvider()) as local:
        providers = MultiProviderMap()
        providers.add_provider("litellm", SingleTryProvider())
        providers.add_provider("local", local)
        yield MultiProvider(provider_map=providers, openai_client=openai)
