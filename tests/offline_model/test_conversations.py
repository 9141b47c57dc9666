"""Inputs whose items do not belong together are rejected, as by the real API."""

from typing import Any

import pytest
from openai import BadRequestError, NotFoundError, OpenAI

from offline_model.server import OfflineModel

Items = list[dict[str, Any]]


def ask(client: OpenAI, items: Items) -> Items:
    """Return the output items of an answer that follows reasoning."""
    given: Any = items
    response = client.responses.create(model="m", input=given, reasoning={"summary": "auto"})
    return [item.model_dump(exclude_unset=True) for item in response.output]


def user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


def test_conversation_with_all_its_items_is_accepted(client: OpenAI) -> None:
    items: Items = []
    for text in ("Hello", "And?", "So?"):
        items.append(user(text))
        items += ask(client, items)

    kinds = [item.get("type") for item in items]
    assert kinds == [None, "reasoning", "message"] * 3


def test_message_without_its_reasoning_is_rejected(client: OpenAI) -> None:
    thought, message = ask(client, [user("Hello")])
    expected = (
        f"Item '{message['id']}' of type 'message' was provided without its required "
        f"'reasoning' item: '{thought['id']}'."
    )

    with pytest.raises(BadRequestError, match=expected):
        ask(client, [user("Hello"), message, user("And?")])
    message.pop("id")
    assert ask(client, [user("Hello"), message, user("And?")])


def test_reasoning_without_its_following_item_is_rejected(client: OpenAI) -> None:
    thought, _ = ask(client, [user("Hello")])
    expected = f"Item '{thought['id']}' of type 'reasoning' was provided without its required"

    for rest in ([], [user("And?")]):
        with pytest.raises(BadRequestError, match=f"{expected} following item"):
            ask(client, [user("Hello"), thought, *rest])


def test_unknown_reasoning_is_rejected_unless_it_is_encrypted(
    model: OfflineModel, client: OpenAI
) -> None:
    thought, message = ask(client, [user("Hello")])
    with OfflineModel() as other, OpenAI(base_url=other.base_url, api_key="k") as stranger:
        with pytest.raises(NotFoundError, match=f"'{thought['id']}' not found"):
            ask(stranger, [user("Hello"), thought, message, user("And?")])
        thought["encrypted_content"] = "gAAAAA"
        assert ask(stranger, [user("Hello"), thought, message, user("And?")])


def test_reference_resolves_to_a_stored_item(client: OpenAI) -> None:
    first = ask(client, [user("Hello")])
    references = [{"type": "item_reference", "id": item["id"]} for item in first]

    assert ask(client, [user("Hello"), *references, user("And?")])
    with pytest.raises(NotFoundError, match="'msg_gone' not found"):
        ask(client, [{"type": "item_reference", "id": "msg_gone"}])


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ([{"role": "assistant", "content": "x", "id": "abc"}], r"'input\[0\].id': 'abc'.*'msg'"),
        ([{"role": "assistant", "content": "x", "id": 42}], r"'input\[0\].id'.*'msg'"),
        ([{"role": "assistant", "content": "x", "id": "msg_1"}] * 2, "Duplicate item.*msg_1"),
    ],
)
def test_invalid_ids_are_rejected(client: OpenAI, items: Items, message: str) -> None:
    with pytest.raises(BadRequestError, match=message):
        ask(client, items)
