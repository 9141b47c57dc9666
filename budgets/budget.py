"""The budget inside a workflow: reserves its model calls, waits for room, and stops in time."""

from durable_agents import InvalidInput
from durable_agents.cancellation import cancel_and_wait

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import FailureError

from budgets.activities.ledger import BudgetActivities
from budgets.models import Bill, BudgetState, CallUsage, Limits, PlannedCall

TIMEOUT = timedelta(seconds=10)
# A database may be down for about three minutes; then the run fails.
RETRIES = RetryPolicy(maximum_interval=timedelta(seconds=10), maximum_attempts=20)
SIGNAL = "budget_changed"


class Budget:
    """The budget of a tree of workflows, as one of them sees it. The root workflow opens it.

    Attributes:
        id: The same in all workflows of the tree, and different in each run of the root.
        state: The latest state that this workflow has seen.
    """

    def __init__(self) -> None:
        info = workflow.info()
        self.workflow_id, self._is_root = info.workflow_id, info.root is None
        self._root = info.root.workflow_id if info.root else info.workflow_id
        run_id = info.root.run_id if info.root else info.first_execution_run_id
        self.id = f"{self._root}/{run_id}"
        self.state: BudgetState | None = None
        self._limits: Limits | None = None
        self._is_wrapping_up = False
        self._woken, self._changed = asyncio.Event(), asyncio.Event()

    async def open(self, limits: Limits, model: str | None = None) -> None:
        """Open the budget, for calls of a model.

        Raises:
            InvalidInput: This workflow is not the root of its tree.
            ActivityError: The model has no price (UnknownPrice).
        """
        if not self._is_root:
            raise InvalidInput(f"the root workflow {self._root} has to open the budget")
        await workflow.execute_activity_method(
            BudgetActivities.open_budget,
            args=[self.id, limits, model],
            start_to_close_timeout=TIMEOUT,
            retry_policy=RETRIES,
        )
        self._limits = limits

    async def spend(self, work: Coroutine[object, object, None]) -> bool:
        """Run `work` until it completes, the time is up, or `wrap_up()` is called; cancel the rest.

        Returns:
            Whether the work was completed.
        """
        started, limits = workflow.now(), self._open_limits
        task = asyncio.create_task(work)
        task.add_done_callback(lambda _: self._changed.set())
        try:
            while not (task.done() or self._is_wrapping_up):
                self._changed.clear()
                left = started + limits().max_time - workflow.now()
                if left <= timedelta():
                    break
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._changed.wait(), left.total_seconds())
        except asyncio.CancelledError:  # a `finally` would also run when the workflow is evicted
            await cancel_and_wait(task)
            raise
        if task.done():
            task.result()  # raises what the work raised
        await cancel_and_wait(task)
        return not task.cancelled() and task.exception() is None

    def wrap_up(self) -> None:
        """Let `spend()` cancel its work."""
        self._is_wrapping_up = True
        self._changed.set()

    def raised(self, *new: int | Decimal | timedelta | None) -> Limits:
        """Return the limits with new values, in the order of the fields of `Limits`.

        Raises:
            InvalidInput: A new value is not higher than the current one, or all are None.
        """
        limits, given = self._open_limits(), dict(zip(Limits.model_fields, new, strict=True))
        higher = {name: value for name, value in given.items() if value is not None}
        for name, value in higher.items():
            if value <= getattr(limits, name):
                raise InvalidInput(f"{name} is {value}; give more than {getattr(limits, name)}")
        if not higher:
            raise InvalidInput(f"give a new value for one of {', '.join(given)}")
        return Limits(**{**dict(limits), **higher})

    async def raise_limits(self, *new: int | Decimal | timedelta | None) -> BudgetState:
        """Raise the limits, and wake the calls that fit now in all workflows of the tree."""
        self._limits = limits = self.raised(*new)
        state = await workflow.execute_local_activity_method(
            BudgetActivities.raise_limits,
            args=[self.id, limits],
            start_to_close_timeout=TIMEOUT,
            retry_policy=RETRIES,
        )
        self._changed.set()
        await self._publish(state)
        return state

    async def bill(self) -> Bill:
        """Return what the tree has spent. Updates that are pending complete first."""
        bill = await workflow.execute_activity_method(
            BudgetActivities.read_bill,
            self.id,
            start_to_close_timeout=TIMEOUT,
            retry_policy=RETRIES,
        )
        await workflow.wait_condition(workflow.all_handlers_finished)
        return bill

    async def reserve(self, call: PlannedCall) -> None:
        """Reserve a call. Wait while it does not fit: the wait is durable, and costs nothing."""
        while True:
            woken = self._woken  # before the reservation, so that no wakeup is missed
            reservation = await workflow.execute_local_activity_method(
                BudgetActivities.reserve_call,
                call,
                start_to_close_timeout=TIMEOUT,
                retry_policy=RETRIES,
            )
            await self._publish(reservation.state)
            if reservation.is_granted:
                return
            await woken.wait()

    async def settle(self, call: PlannedCall, usage: CallUsage | None) -> None:
        """Settle a call, and wake the calls that fit now in all workflows of the tree."""
        state = await workflow.execute_local_activity_method(
            BudgetActivities.settle_call,
            args=[call, usage],
            start_to_close_timeout=TIMEOUT,
            retry_policy=RETRIES,
        )
        await self._publish(state)

    def receive(self, state: BudgetState) -> None:
        """Record a state from another workflow, and wake the waiting calls unless none can fit."""
        self._note(state, is_woken=not state.is_exhausted)

    async def _publish(self, state: BudgetState) -> None:
        """Send a state to the workflows that it wakes, and to the root if only a raise helps.

        Nothing here depends on the workflow's own id: a replay may use another one.
        """
        self._note(state, is_woken=state.wakes_caller)
        receivers = list(state.wake)
        if state.is_exhausted and not self._is_root:
            receivers.append(self._root)
        await asyncio.gather(*(_send(workflow_id, state) for workflow_id in receivers))

    def _note(self, state: BudgetState, *, is_woken: bool) -> None:
        if self.state is None or state.version >= self.state.version:  # they may be out of order
            self.state = state
        if is_woken:
            self._woken.set()
            self._woken = asyncio.Event()

    def _open_limits(self) -> Limits:
        if self._limits is None:
            raise InvalidInput("the budget is not open yet")
        return self._limits


async def _send(workflow_id: str, state: BudgetState) -> None:
    handle = workflow.get_external_workflow_handle(workflow_id)
    with suppress(FailureError):  # it has closed: nothing waits there
        await handle.signal(SIGNAL, state)
