"""Sends a message, and another one while the first is being answered."""

from durable_agents import query_if_available, root_cause, update_reliably

import asyncio
import time
from typing import get_args

from temporalio.client import WorkflowHandle, WorkflowUpdateFailedError

from conversations.steering import Reply, WhileBusy
from conversations.workflows.stop_and_steer import SteerableChatWorkflow

Handle = WorkflowHandle[SteerableChatWorkflow, int]

MODES: tuple[WhileBusy, ...] = get_args(WhileBusy)
POLL_INTERVAL = 0.1  # seconds


STOPPED = ("What is the load now? Then watch it for 60 seconds.", "What did you find?")


async def demonstrate(
    handle: Handle, first: str, second: str, while_busy: WhileBusy | None
) -> None:
    """Send two messages in one mode; or in each mode, and then stop a turn. End the chat.

    Raises:
        WorkflowUpdateFailedError: A turn failed.
    """
    chat = Demonstration(handle)
    for mode in [while_busy] if while_busy else MODES:
        await chat.double_text(first, second, mode)
    if not while_busy:
        await chat.stop(*STOPPED)
    await update_reliably(handle, SteerableChatWorkflow.end)
    print(f"\n{await handle.result()} turns")
    for failure in chat.failures:
        raise failure


class Demonstration:
    """Shows how one chat treats a second message, and a stop.

    Attributes:
        failures: The messages that were not answered because their turn failed.
    """

    def __init__(self, handle: Handle) -> None:
        self.failures: list[WorkflowUpdateFailedError] = []
        self._handle = handle

    async def double_text(self, first: str, second: str, while_busy: WhileBusy) -> None:
        """Send `second` while a tool runs for `first`; print both replies."""
        print(f"\n{while_busy}")
        print(f"  1 > {first}")
        sending = asyncio.create_task(self._ask("1", first))
        doing = await self._tool_in_flight(sending)
        print(f"  2 > {second} [sent while {doing}]")
        replies = await asyncio.gather(sending, self._ask("2", second, while_busy))
        print("\n".join(replies))

    async def stop(self, first: str, second: str) -> None:
        """Stop the turn of `first` while its slow tool runs; continue with `second`."""
        print(f"\nstop\n  1 > {first}")
        sending = asyncio.create_task(self._ask("1", first))
        doing = await self._tool_in_flight(sending, "watch_load")
        start = time.monotonic()
        await update_reliably(self._handle, SteerableChatWorkflow.stop)
        print(f"  stop [sent while {doing}, took {time.monotonic() - start:.2f} s]")
        print(await sending)
        print(f"  2 > {second}")
        print(await self._ask("2", second))

    async def _ask(self, name: str, text: str, while_busy: WhileBusy = "queue") -> str:
        """Send a message; return the line that reports the outcome."""
        try:
            ask = SteerableChatWorkflow.ask
            reply: Reply = await update_reliably(self._handle, ask, text, while_busy)
        except WorkflowUpdateFailedError as error:
            if root_cause(error).type not in ("Busy", "QueueFull"):
                self.failures.append(error)
            return f"  {name} ! {root_cause(error)}"
        return f"  {name} < {reply.text or reply.outcome}"

    async def _tool_in_flight(self, sending: asyncio.Task[str], tool: str = "") -> str:
        """Wait until a tool runs (`tool`, if given), or the turn has ended; return what happens."""
        while not sending.done():
            status = await query_if_available(self._handle, SteerableChatWorkflow.get_status)
            if status and status.doing.startswith(f"running {tool}"):
                return status.doing
            await asyncio.wait([sending], timeout=POLL_INTERVAL)
        return "idle"
