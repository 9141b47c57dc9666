"""A model that plays the lead, its researchers, and the clerks of a fleet."""

import asyncio
import json
import re
import time
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from agents import ModelResponse, TResponseInputItem, Usage
from agents.items import TResponseOutputItem
from agents.testing import assistant_message, function_call

from sample_cli.processes import until
from tests.harness.models import UnstreamedModel
from tests.harness.workers import bad_request

TICKET = re.compile(r"ticket (\d+)")
TEXT = "Lisbon has 41 venues."


class Staff(UnstreamedModel):
    """Answers as the agents of both samples do, and counts their calls.

    Args:
        tasks: The tasks that the lead delegates at once. A researcher looks up Lisbon and finds
            `text`, unless its task says "nothing", "refused", or "held".
        held: The tickets whose calls wait until `release`.
        refused: The tickets whose calls the API rejects.
        text: The findings of researchers, and the summaries of clerks.
    """

    def __init__(
        self,
        tasks: Sequence[str] = (),
        held: Collection[int] = (),
        refused: Collection[int] = (),
        text: str = TEXT,
    ) -> None:
        self._tasks, self._held, self._refused, self._text = tasks, held, refused, text
        self._released = asyncio.Event()
        self.read: list[str] = []
        """The results of the sub-agents, as the lead's model reads them."""
        self.tickets: Counter[int] = Counter()
        self.running = self.most_running = 0
        self.waiting = 0
        self.stopped: list[float] = []
        """When calls that waited were cancelled."""

    def release(self) -> None:
        self._released.set()

    async def wait_for(self, count: int) -> None:
        """Wait until this many calls wait."""

        async def reached() -> bool:
            return self.waiting >= count

        await until(reached)

    async def wait_for_stopped(self, count: int) -> None:
        """Wait until this many calls were cancelled."""

        async def reached() -> bool:
            return len(self.stopped) >= count

        await until(reached)

    async def wait_until_idle(self) -> None:
        """Wait until no call is running, so that the worker can shut down at once."""

        async def idle() -> bool:
            return not self.running

        await until(idle)

    async def get_response(
        self,
        system_instructions: str | None,
        input: str | list[TResponseInputItem],
        model_settings: Any,
        tools: list[Any],
        *args: Any,
        **kwargs: Any,
    ) -> ModelResponse:
        items: list[Any] = input if isinstance(input, list) else [{"content": input}]
        names = {tool.name for tool in tools}
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            if names:
                play = self._lead if "ask_researcher" in names else self._researcher
                output = await play(items)
            else:
                output = await self._clerk(int(TICKET.findall(str(items))[-1]))
        finally:
            self.running -= 1
        return ModelResponse(output=output, usage=Usage(), response_id=None)

    async def _lead(self, items: list[Any]) -> list[TResponseOutputItem]:
        self.read = [i["output"] for i in items if i.get("type") == "function_call_output"]
        calls = [
            function_call("ask_researcher", {"task": task}, call_id=f"c{number}")
            for number, task in enumerate(self._tasks)
        ]
        return [assistant_message("Done.")] if self.read else [*calls]

    async def _researcher(self, items: list[Any]) -> list[TResponseOutputItem]:
        task = str(items[0]["content"])
        if "refused" in task:
            raise bad_request()
        if not any(item.get("type") == "function_call_output" for item in items):
            if "held" in task:
                await self._hold()
            return [function_call("look_up_city", {"city": "Lisbon"}, call_id="look-up")]
        findings = {"found": "nothing" not in task, "text": self._text}
        return [assistant_message(json.dumps(findings))]

    async def _clerk(self, number: int) -> list[TResponseOutputItem]:
        self.tickets[number] += 1
        if number in self._refused:
            raise bad_request()
        if number in self._held:
            await self._hold()
        return [assistant_message(self._text)]

    async def _hold(self) -> None:
        self.waiting += 1
        try:
            await self._released.wait()
        except asyncio.CancelledError:
            self.stopped.append(time.monotonic())
            raise
