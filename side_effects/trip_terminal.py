"""Shows a trip while it is booked or undone; decides on bookings that could not be cancelled."""

from durable_agents import WorkflowClosed, query_if_available, update_reliably
from durable_agents.terminal import read_line

import asyncio
import sys

from temporalio.client import WorkflowHandle, WorkflowUpdateFailedError

from side_effects.saga import Decision, Entry
from side_effects.trip_models import TripReport
from side_effects.workflows.trip import TripWorkflow

POLL_INTERVAL = 0.2  # seconds
STARTER = "uv run side_effects/run_trip_workflow.py"

Handle = WorkflowHandle[TripWorkflow, TripReport]


class TripDisplay:
    """Prints each entry of a trip's journal once, in order.

    Args:
        handle: The workflow.
        decision: What to decide, once, on each booking that could not be cancelled. None asks at
            the terminal, and so does a booking that still cannot be cancelled afterwards.
        by: The name of the person who decides.
    """

    def __init__(self, handle: Handle, decision: Decision | None, by: str) -> None:
        self._handle, self._decision, self._by = handle, decision, by
        self._shown = 0
        self._decided = set[str]()

    async def follow(self) -> TripReport:
        """Show the trip and decide until it is finished; return its report.

        Raises:
            SystemExit: A decision is needed, and there is no terminal.
            WorkflowFailureError: The run failed or was cancelled.
        """
        result = asyncio.ensure_future(self._handle.result())
        try:
            while not (await asyncio.wait([result], timeout=POLL_INTERVAL))[0]:
                await self._show_progress()
            if result.exception():
                await self._show_progress()
            self._show((await result).journal)
            return await result
        finally:
            result.cancel()

    async def _show_progress(self) -> None:
        progress = await query_if_available(self._handle, TripWorkflow.get_progress)
        self._show(progress.journal if progress else [])
        for entry in progress.stuck if progress else []:
            await self._decide(entry)

    def _show(self, journal: list[Entry]) -> None:
        for entry in journal[self._shown :]:
            print(f"{entry.event:10} {entry.name}: {entry.detail}")
        self._shown = max(self._shown, len(journal))

    async def _decide(self, entry: Entry) -> None:
        decision = None if entry.step in self._decided else self._decision
        decision = decision or await _ask(entry, self._handle.id)
        self._decided.add(entry.step)
        try:
            await update_reliably(self._handle, TripWorkflow.decide, entry.step, decision, self._by)
        except WorkflowClosed:
            print("Too late: the workflow has finished.")
        except WorkflowUpdateFailedError as error:
            print(f"Decision not accepted: {error.cause}")


async def _ask(entry: Entry, trip_id: str) -> Decision:
    """Return the decision that is typed; exit if there is no terminal, or after Ctrl-D."""
    decisions: dict[str, Decision] = {"t": "retry", "r": "resolved"}
    while sys.stdin.isatty():
        try:
            answer = await read_line(f"{entry.name} is still booked. [t]ry again, or [r]esolved? ")
        except EOFError:
            break
        if decision := decisions.get(answer.lower()[:1]):
            return decision
    command = f"{STARTER} --trip-id {trip_id} --decide resolved"
    sys.exit(f"{entry.name} is still booked. Once you have resolved it: {command}")


def show(report: TripReport) -> None:
    """Print the outcome, and the provider's ledger."""
    print(report.message)
    if report.statement is None:
        print("The provider's ledger could not be read.")
    else:
        print("In the provider's ledger:", "; ".join(report.statement) or "no bookings")
