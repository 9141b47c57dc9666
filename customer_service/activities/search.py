"""Asks the server whether conversations can be searched by an attribute."""

from temporalio import activity
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest


@activity.defn
async def is_registered(search_attribute: str) -> bool:
    """Return whether the namespace knows a custom search attribute.

    A workflow that sets one that it does not know hangs: its workflow task fails until someone
    registers it.

    Args:
        search_attribute: Its name.
    """
    client = activity.client()
    request = ListSearchAttributesRequest(namespace=client.namespace)
    attributes = await client.operator_service.list_search_attributes(request)
    return search_attribute in attributes.custom_attributes
