"""Model calls that stay cheap in long conversations.

Neither the conversation that a workflow sends to a model call, nor the request that the call sends
to the model, is checked item by item: the workflow has built it from messages and from validated
responses.
"""

from functools import cached_property, lru_cache, partial
from typing import TYPE_CHECKING, Any, Required, get_type_hints

from agents import Model, ModelProvider, OpenAIProvider
from openai import AsyncOpenAI
from temporalio import worker
from temporalio.plugin import SimplePlugin
from typing_extensions import TypedDict

if TYPE_CHECKING:
    from openai.resources.chat import AsyncChat
    from openai.resources.responses import AsyncResponses

# The activities of the agents plugin that call a model, and the types of their inputs.
MODEL_CALLS = {"invoke_model_activity", "invoke_model_activity_streaming"}
_INPUTS = {"ActivityModelInput", "StreamingActivityModelInput"}


@lru_cache
def with_plain_items(hint: Any) -> Any:
    """Return the type hint of a model call's input with items as plain data; others as they are.

    Validating them took half the time of a turn in a long conversation. Plain data also keeps
    fields that the installed SDK does not know, and lists, of which the SDK's types make iterators
    that can be read once.
    """
    if getattr(hint, "__name__", "") not in _INPUTS:
        return hint
    fields = get_type_hints(hint, include_extras=True)
    fields["input"] = Required[str | list[dict[str, Any]]]
    return TypedDict(hint.__name__, fields, total=False)  # type: ignore[operator]


class OpenAIClient(AsyncOpenAI):
    """OpenAI's client for workers: Temporal retries its calls, and long conversations cost little.

    `AsyncOpenAI` compares each item of a conversation with every type of item, to rename fields and
    to format dates. No item needs that, and 300 of them block the worker's event loop for 200 ms.
    This client sends conversations as they are, as plain data.

    Args:
        max_retries: How often the client itself repeats a failed request.
        options: Other arguments of `AsyncOpenAI`.
    """

    def __init__(self, *, max_retries: int = 0, **options: Any) -> None:
        super().__init__(max_retries=max_retries, **options)

    @cached_property
    def responses(self) -> "AsyncResponses":
        """The Responses API."""
        responses = super().responses
        _send_as_is(responses, "input")
        return responses

    @cached_property
    def chat(self) -> "AsyncChat":
        """The Chat Completions API."""
        chat = super().chat
        _send_as_is(chat.completions, "messages")
        return chat


class OpenAIModels(ModelProvider, SimplePlugin):
    """OpenAI's models, called with `OpenAIClient`: the model provider that `connect()` sets.

    As a plugin, it opens the client when a worker is created, which raises `OpenAIError` if there
    is no key. A process that only starts workflows needs none.
    """

    def __init__(self) -> None:
        SimplePlugin.__init__(self, "durable-agents.models")

    def configure_worker(self, config: worker.WorkerConfig) -> worker.WorkerConfig:
        """Open the client, if the worker calls models."""
        if any(getattr(each, "__name__", "") in MODEL_CALLS for each in config["activities"]):
            _ = self._models
        return super().configure_worker(config)

    def get_model(self, model_name: str | None) -> Model:
        """Return the model of a name, or the default one."""
        return self._models.get_model(model_name)

    @cached_property
    def _models(self) -> OpenAIProvider:
        return OpenAIProvider(openai_client=OpenAIClient())


def _send_as_is(api: Any, field: str) -> None:
    """Make `api.create` put a list into the request's body without transforming it."""
    api.create = partial(_create, api.create, field)


async def _create(create: Any, field: str, **options: Any) -> Any:
    if isinstance(conversation := options.get(field), list):
        # Merged into the body after the transformation. The caller's own takes precedence.
        options["extra_body"] = {field: conversation, **(options.get("extra_body") or {})}
        options[field] = []
    return await create(**options)
