"""A model provider of one's own: a server on this machine that speaks Chat Completions."""

import os

import httpx2
from agents import Model, ModelProvider, OpenAIChatCompletionsModel
from openai import AsyncOpenAI

# A model that reasons on a small machine takes minutes. A server that is down is found at once.
TIMEOUT = httpx2.Timeout(600, connect=10)


class LocalProvider(ModelProvider):
    """Asks an OpenAI-compatible server: Ollama, vLLM, llama.cpp, LM Studio.

    Where it is and what it calls its model are settings of the worker: workflows ask for
    `local/gpt-oss`, and the same workflow goes on when another server takes over.
    """

    def __init__(self) -> None:
        """Read the settings from the environment; nothing is called yet."""
        self._names = {"gpt-oss": os.environ.get("GPT_OSS_MODEL", "gpt-oss:20b")}
        self._client = AsyncOpenAI(
            base_url=os.environ.get("GPT_OSS_BASE_URL", "http://localhost:11434/v1"),
            api_key=os.environ.get("GPT_OSS_API_KEY", "none"),
            max_retries=0,  # Temporal retries
            http_client=httpx2.AsyncClient(transport=_Transport(), timeout=TIMEOUT),
        )

    def get_model(self, model_name: str | None) -> Model:
        """Return the model that this worker uses for `model_name`, or the one of that name."""
        wanted = model_name or "gpt-oss"
        return OpenAIChatCompletionsModel(self._names.get(wanted, wanted), self._client)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.close()


class _Transport(httpx2.AsyncHTTPTransport):
    """Says which server is down; "All connection attempts failed" is all that httpx2 says."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        try:
            return await super().handle_async_request(request)
        except httpx2.ConnectError:
            server = f"{request.url.scheme}://{request.url.netloc.decode()}"
            raise httpx2.ConnectError(
                f"No model server at {server}: start it, or set GPT_OSS_BASE_URL on the worker"
            ) from None
