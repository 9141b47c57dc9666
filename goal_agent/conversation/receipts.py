"""Results of recent updates by update id: a resent update gets the first one's result.

The server deduplicates update ids within one run. Continue-as-new starts another run, so the
workflow carries these results over.
"""

from collections.abc import Mapping
from typing import TypeVar

from temporalio import workflow

T = TypeVar("T")

MAX_RECEIPTS = 40
"""Updates of each kind to remember. A client resends a lost one long before it sends 40 more."""

MAX_ID = 200
"""Characters. An update with a longer id is not remembered: carried state has to stay small."""


def recall(results: Mapping[str, T]) -> T | None:
    """Return the earlier result of the current update; None if the update is new."""
    update = workflow.current_update_info()
    return results.get(update.id) if update else None


def remember(results: dict[str, T], result: T) -> T:
    """Store and return the result of the current update; drop the oldest beyond the limit."""
    update = workflow.current_update_info()
    if update and len(update.id) <= MAX_ID:
        results[update.id] = result
        for oldest in list(results)[:-MAX_RECEIPTS]:
            del results[oldest]
    return result
