"""Checks that a search attribute is registered: setting another one fails every workflow task.

Only topics whose workflows are found by a search attribute import this module.
"""

from durable_agents.errors import SettingsError

from typing import Any

from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.client import Client
from temporalio.common import SearchAttributeKey


async def has_search_attribute(client: Client, key: SearchAttributeKey[Any]) -> bool:
    """Return whether the namespace has a custom search attribute, with the type of `key`."""
    return await _registered_type(client, key.name) == key.indexed_value_type


async def require_search_attribute(client: Client, key: SearchAttributeKey[Any]) -> None:
    """Check that the namespace has a custom search attribute, with the type of `key`.

    Raises:
        SettingsError: It has not; the message has the command that creates it.
    """
    registered = await _registered_type(client, key.name)
    if registered == key.indexed_value_type:
        return
    problem = "has another type of" if registered else "has no"
    raise SettingsError(
        f"The namespace {client.namespace!r} {problem} search attribute {key.name}. Create it with:"
        f" temporal operator search-attribute create --name {key.name}"
        f" --type {key.indexed_value_type.name.title().replace('_', '')} -n {client.namespace}"
    )


async def _registered_type(client: Client, name: str) -> int | None:
    request = ListSearchAttributesRequest(namespace=client.namespace)
    registered = await client.operator_service.list_search_attributes(request)
    return registered.custom_attributes.get(name)
