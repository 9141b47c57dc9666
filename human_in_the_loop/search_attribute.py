"""The search attribute by which pending calls are found, without their arguments."""

from collections.abc import Iterable, Sequence

from temporalio.common import SearchAttributeKey, SearchAttributeUpdate

from human_in_the_loop import SEARCH_ATTRIBUTE
from human_in_the_loop.models import PendingCall

KEY = SearchAttributeKey.for_keyword_list(SEARCH_ATTRIBUTE.partition("=")[0])


def update_for(pending: Iterable[PendingCall]) -> SearchAttributeUpdate[Sequence[str]]:
    """Return the update that lists the pending calls: each tool, and a digest for each call.

    Search attributes are never encrypted. A digest reveals nothing: it covers the call's id, so
    equal arguments have different digests.
    """
    calls = list(pending)
    tools = sorted({f"tool:{call.tool}" for call in calls})
    values = [*tools, *(f"call:{call.digest}" for call in calls)]
    return KEY.value_set(values) if values else KEY.value_unset()
