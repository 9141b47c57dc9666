"""Decodes the input of model calls without validating the conversation in it.

The workflow that sends it has built it from messages and from validated responses. Validating it
again, item by item, took half the time of a turn in a long conversation.
"""

from functools import lru_cache
from typing import Any, Required, get_type_hints

from typing_extensions import TypedDict

_INPUTS = {"ActivityModelInput", "StreamingActivityModelInput"}  # of the agents plugin


@lru_cache
def with_plain_items(hint: Any) -> Any:
    """Return the type hint of a model call's input with items as plain data; others as they are.

    Plain data also keeps fields that the installed SDK does not know, and lists, of which the SDK's
    types make iterators that can be read once.
    """
    if getattr(hint, "__name__", "") not in _INPUTS:
        return hint
    fields = get_type_hints(hint, include_extras=True)
    fields["input"] = Required[str | list[dict[str, Any]]]
    return TypedDict(hint.__name__, fields, total=False)  # type: ignore[operator]
