"""The base of models that tests play without `ScriptedModel`."""

from collections.abc import AsyncIterator
from typing import Any

from agents import Model
from agents.items import TResponseStreamEvent


class UnstreamedModel(Model):
    """A model that returns whole responses only; `Runner.run` never streams."""

    def stream_response(self, *args: Any, **kwargs: Any) -> AsyncIterator[TResponseStreamEvent]:
        """Raise NotImplementedError."""
        raise NotImplementedError
