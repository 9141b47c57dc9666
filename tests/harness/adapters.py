"""One cache of type adapters for a test process: its clients are many, and short-lived.

Each client's converter has a cache of its own, and the adapter for the input of a model call takes
60 ms to build. A worker builds it once; the tests would build it a thousand times.
"""

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
    except TypeError:  # not hashable
        return TypeAdapter(hint)


patch.object(converters, "TypeAdapter", adapter).start()
adapter(ActivityModelInput)
