"""Shares one cache of type adapters among all clients of a test process.

Each client's converter has its own cache, and the adapter for the input of a model call takes 10 ms
to build. A worker builds it once; the tests, with their many clients, would build it 1,000 times.
Importing this module installs the cache.
"""

from durable_agents.model_calls import with_plain_items

from functools import cache
from typing import Any
from unittest.mock import patch

from pydantic import TypeAdapter
from temporalio.contrib import pydantic as converters
from temporalio.openai_agents._invoke_model_activity import ActivityModelInput


@cache
def _built(hint: Any) -> TypeAdapter[Any]:
    return TypeAdapter(hint)


def adapter(hint: Any) -> TypeAdapter[Any]:
    """Return the adapter for a type hint."""
    try:
        return _built(hint)
    except TypeError:  # the hint is not hashable
        return TypeAdapter(hint)


patch.object(converters, "TypeAdapter", adapter).start()
adapter(with_plain_items(ActivityModelInput))
