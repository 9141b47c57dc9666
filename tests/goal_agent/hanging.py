"""A model and a tool that hang until they are cancelled."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from agents import Model, ModelResponse
from agents.items import TResponseStreamEvent

from goal_agent.toolbox.definition import ToolArguments

hanging, cancelled = asyncio.Event(), asyncio.Event()


async def hang_until_cancelled() -> None:
    hanging.set()
    try:
        await asyncio.Event().wait()
    finally:
        cancelled.set()


class HangingModel(Model):
    async def get_response(self, *args: Any, **kwargs: Any) -> ModelResponse:
        await hang_until_cancelled()
        raise AssertionError

    def stream_response(self, *args: Any, **kwargs: Any) -> AsyncIterator[TResponseStreamEvent]:
        raise NotImplementedError


class HangingTool(ToolArguments):
    async def run(self, idempotency_key: str) -> str:
        await hang_until_cancelled()
        return ""
