"""A custom model provider for a local server that implements Chat Completions."""

from durable_agents.model_calls import OpenAIClient

import os

import httpx2
from agents import Model, ModelProvider, OpenAIChatCompletionsModel

# Seconds. Reasoning on a small machine can take minutes; connecting does not.
REQUEST_TIMEOUT = httpx2.Timeout(600, connect=10)


class LocalProvider(ModelProvider):
    """Calls an OpenAI-compatible server, such as Ollama, vLLM, llama.cpp, or LM Studio.

    The server's URL and model name are settings of the worker. Workflows ask for `local/gpt-oss`,
    so a running workflow continues when the worker switches to another server.
    """

    def __init__(self) -> None:
        """Read the settings from the environment."""
        self._names = {"gpt-oss": os.environ.get("GPT_OSS_MODEL", "gpt-oss:20b")}
        self._client = OpenAIClient(
            base_url=os.environ.get("GPT_OSS_BASE_URL", "http://localhost:11434/v1"),
            api_key=os.environ.get("GPT_OSS_API_KEY", "none"),
            http_client=httpx2.AsyncClient(transport=_Transport(), timeout=REQUEST_TIMEOUT),
        )

    def get_model(self, model_name: str | None) -> Model:
        """Return the model configured for `model_name`, or the server's model of that name."""
        name = model_name or "gpt-oss"
        return OpenAIChatCompletionsModel(self._names.get(name, name), self._client)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.close()


class _Transport(httpx2.AsyncHTTPTransport):
    """Adds the server's URL to connection errors; httpx2 does not include it."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        try:
            return await super().handle_async_request(request)
        except httpx2.ConnectError:
            server = f"{request.url.scheme}://{request.url.netloc.decode()}"
            raise httpx2.ConnectError(
                f"No model server at {server}. Start it, or set GPT_OSS_BASE_URL on the worker"
            ) from None
