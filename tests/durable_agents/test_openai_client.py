"""OpenAI's client for workers: requests are the same as those of `AsyncOpenAI`, and cost less."""

from durable_agents import connect
from durable_agents.model_calls import OpenAIClient

from collections.abc import Iterator
from contextlib import AsyncExitStack
from typing import Any, get_args, get_type_hints
from unittest.mock import patch

import pytest
from agents import OpenAIProvider
from openai import AsyncOpenAI, OpenAIError
from openai._utils import PropertyInfo, _transform
from openai.types.chat import ChatCompletionMessageParam
from openai.types.responses import ResponseInputParam
from temporalio.worker import Worker

from offline_model.server import OfflineModel
from tests.durable_agents.shop import Shop

USER = {"role": "user", "content": "Write a haiku."}
ANSWER = {
    **{"type": "message", "role": "assistant", "status": "completed"},
    "content": [{"type": "output_text", "text": "Hi", "annotations": []}],
}
ITEMS = [item for n in range(150) for item in (USER, {"id": f"msg_{n}", **ANSWER})] + [USER]
MESSAGES = [*[USER, {"role": "assistant", "content": "Hi"}] * 150, USER]


async def ask(client: AsyncOpenAI, api: str, **options: Any) -> None:
    """Send a request to an API with a conversation of 301 messages, or with other options."""
    if api == "responses":
        await client.responses.create(**{"model": "m", "input": ITEMS, **options})
    elif api == "streamed responses":
        streaming = client.responses.with_streaming_response
        async with streaming.create(**{"model": "m", "input": ITEMS, **options}, stream=True) as it:
            await it.read()
    else:
        await client.chat.completions.create(**{"model": "m", "messages": MESSAGES, **options})


@pytest.mark.parametrize("api", ["responses", "streamed responses", "chat"])
@pytest.mark.parametrize("options", [{}, {"temperature": 0, "extra_body": {"user": "ada"}}])
async def test_requests_are_those_of_the_plain_client(
    api: str, options: dict[str, Any], model: OfflineModel
) -> None:
    async with AsyncExitStack() as stack:
        for kind in (AsyncOpenAI, OpenAIClient):
            await ask(await stack.enter_async_context(kind()), api, **options)
    plain, ours = model.calls
    assert ours.body == plain.body
    assert len(ours.body.get("input") or ours.body["messages"]) == 301


@pytest.mark.parametrize("api", ["responses", "streamed responses", "chat"])
async def test_messages_are_not_transformed(api: str, model: OfflineModel) -> None:
    transform = _transform._async_transform_typeddict
    async with OpenAIClient() as client:
        with patch.object(_transform, transform.__name__, side_effect=transform) as transformed:
            await ask(client, api)
    assert transformed.call_count == 1  # the request itself


async def test_body_of_the_caller_takes_precedence(model: OfflineModel) -> None:
    async with OpenAIClient() as client:
        await ask(client, "responses", extra_body={"input": "Write a haiku."})
        await ask(client, "responses", input="Write a haiku.")
    assert [call.body["input"] for call in model.calls] == ["Write a haiku."] * 2


@pytest.mark.parametrize("kind", [ResponseInputParam, ChatCompletionMessageParam])
def test_no_message_has_a_field_that_needs_a_transformation(kind: Any) -> None:
    types: set[str] = set()
    assert not [info for info in property_infos(kind, types) if info.alias or info.format]
    assert len(types) > 50


def property_infos(hint: Any, seen: set[str]) -> Iterator[PropertyInfo]:
    """Yield what the fields of a type say about how they are sent."""
    yield from (each for each in getattr(hint, "__metadata__", ()) if type(each) is PropertyInfo)
    if repr(hint) not in seen:
        seen.add(repr(hint))
        fields = get_type_hints(hint, include_extras=True) if isinstance(hint, type) else {}
        for inner in (*get_args(hint), *fields.values()):
            yield from property_infos(inner, seen)


@pytest.mark.parametrize(("register", "error"), [(True, OpenAIError), (False, None)])
async def test_only_a_worker_that_calls_models_needs_a_key(
    register: bool, error: type[Exception] | None
) -> None:
    client = await connect(register_activities=register)
    options: dict[str, Any] = {"task_queue": "keys", "workflows": [Shop]}
    if error:
        with pytest.raises(error, match="OPENAI_API_KEY"):
            Worker(client, **options)
    else:
        Worker(client, **options)


async def test_own_model_provider_needs_no_key() -> None:
    async with OpenAIClient(api_key="unused") as openai:
        client = await connect(model_provider=OpenAIProvider(openai_client=openai))
        Worker(client, task_queue="keys", workflows=[Shop])
