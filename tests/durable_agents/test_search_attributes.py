"""Search attributes: whether one is registered, with the right type."""

from durable_agents import connect
from durable_agents.errors import SettingsError
from durable_agents.search_attributes import has_search_attribute, require_search_attribute

from typing import Any

import pytest
from temporalio.common import SearchAttributeKey

from customer_service.escalation import NEEDS_PERSON
from human_in_the_loop.search_attribute import KEY

SAME_NAME = SearchAttributeKey.for_keyword(NEEDS_PERSON.name)
UNKNOWN = SearchAttributeKey.for_keyword_list("UnknownAttribute")


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        (UNKNOWN, "has no search attribute UnknownAttribute"),
        (SAME_NAME, f"has another type of search attribute {NEEDS_PERSON.name}"),
    ],
)
async def test_missing_attribute_is_reported_with_the_command_that_creates_it(
    key: SearchAttributeKey[Any], problem: str
) -> None:
    client = await connect()
    assert not await has_search_attribute(client, key)
    kind = {UNKNOWN: "KeywordList", SAME_NAME: "Keyword"}[key]
    command = f"create --name {key.name} --type {kind} -n default"
    with pytest.raises(SettingsError, match=rf"^The namespace 'default' {problem}\. .*{command}$"):
        await require_search_attribute(client, key)


@pytest.mark.parametrize("key", [NEEDS_PERSON, KEY])
async def test_registered_attribute_of_the_right_type_is_accepted(
    key: SearchAttributeKey[Any],
) -> None:
    client = await connect()
    assert await has_search_attribute(client, key)
    await require_search_attribute(client, key)
