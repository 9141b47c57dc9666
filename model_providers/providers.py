"""Which provider answers for which prefix of a model's name. Only the worker knows."""

import os
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

from agents import MultiProvider
from agents.models.multi_provider import MultiProviderMap
from openai import AsyncOpenAI

from model_providers.local_provider import LocalProvider


@asynccontextmanager
async def open_provider() -> AsyncIterator[MultiProvider]:
    """Yield the provider of this topic's worker.

    | model name                   | answered by                             |
    | ---------------------------- | --------------------------------------- |
    | `litellm/PROVIDER/MODEL`     | any of LiteLLM's providers              |
    | `local/MODEL`                | the server at `GPT_OSS_BASE_URL`        |
    | `openai/MODEL`, or no prefix | OpenAI, or what `OPENAI_BASE_URL` names |

    Keys are read from the worker's environment: workflows, and so histories, never see one.
    """
    # LiteLLM reads this while it is imported. Without it, it fetches a list of prices first.
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    from model_providers.litellm_provider import SingleTryProvider

    # Temporal retries, with what the server says of when. A client that retries as well would
    # multiply the attempts.
    async with AsyncOpenAI(max_retries=0) as openai, aclosing(LocalProvider()) as local:
        providers = MultiProviderMap()
        providers.add_provider("litellm", SingleTryProvider())
        providers.add_provider("local", local)
        yield MultiProvider(provider_map=providers, openai_client=openai)
