"""Steps that can be undone: if the block around them does not succeed, all of them are undone.

The module depends on nothing else in this topic, so you can copy it alone.
"""

from durable_agents import RUN_ERRORS, InvalidInput, root_cause
from durable_agents.cancellation import cancel_and_wait

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import Any, Literal, Self, TypeVar

from pydantic import BaseModel
from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

T = TypeVar("T")
Action = Callable[[], Awaitable[str]]
Event = Literal["done", "refused", "unknown", "undone", "not undone", "resolved"]
Decision = Literal["retry", "resolved"]

UNDO_ON = (*RUN_ERRORS, asyncio.CancelledError, TimeoutError)
"""What fails or cancels a run. Other errors are bugs: the workflow task is retried until they are
fixed, and the steps stay as they are."""

MAX_DECISION_TIMEOUT = timedelta(days=365)
MAX_CALLS = 100  # of `do`
MAX_RETRIES = 100  # of compensations, by people


class Entry(BaseModel):
    """The outcome of a step, or of its compensation. `step` identifies it in decisions."""

    step: str
    name: str
    event: Event
    detail: str


class Abandoned(ApplicationError):
    """The work was given up, and its steps are undone. Raise it in the block to give up."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, type=Abandoned.__name__, non_retryable=True)


class NotUndone(ApplicationError):
    """Compensations failed, and no decision was made in time. The message names their steps."""

    def __init__(self, entries: Collection[Entry], error: BaseException) -> None:
        names = "; ".join(f"{entry.name} ({entry.detail})" for entry in entries)
        message = f"not undone: {names}. The run had ended with {root_cause(error)}"
        super().__init__(message, type=NotUndone.__name__, non_retryable=True)


@dataclass
class _Step:
    undo: Action
    entry: Entry  # the last one


class Saga:
    """Runs steps in an `async with` block; undoes them, in reverse order, unless it succeeds.

    Example:
        ```python
        async with saga:
            result = await saga.run(Runner.run(agent, request))  # its tools call saga.do(...)
        ```

    Every step whose action was started is undone, regardless of its outcome: a request that timed
    out may still arrive. So a compensation must succeed if there is nothing to undo, and prevent an
    action with the same key from having an effect later. A block that ends while the outcome of
    a step is unknown does not succeed either: it raises Abandoned.

    Args:
        decision_timeout: How long people may take to decide on compensations that failed.
            At most a year.
        refusals: The types of activity errors that mean that a step was not done.

    Attributes:
        journal: What happened, in order.
        stuck: The steps whose compensation failed and that wait for a decision, by id.
    """

    def __init__(self, decision_timeout: timedelta, refusals: Collection[str]) -> None:
        self.journal: list[Entry] = []
        self.stuck: dict[str, Entry] = {}
        self._decision_timeout, self._refusals = decision_timeout, refusals
        self._steps: dict[str, _Step] = {}  # by name, in order
        self._locks: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._retries: list[_Step] = []
        self._calls = self._retry_count = 0
        self._is_open, self._stopped_by = True, ""

    async def do(self, name: str, action: Action, undo: Action) -> Entry:
        """Run a step once, and return its outcome.

        Args:
            name: What the step does. Calls with the name of a step that is done do nothing; if its
                outcome is unknown, they run `action` again.
            action: Starts the step's activity, under the same idempotency key each time.
            undo: Starts the activity that undoes it, under the same key.
        """
        async with self._locks[name]:
            step = self._steps.get(name)
            if step and step.entry.event == "done":
                return step.entry
            self._calls += 1
            if not self._is_open or self._calls > MAX_CALLS:
                detail = f"the run has ended, or has made {MAX_CALLS} calls"
                refusal = Entry(step="", name=name, event="refused", detail=detail)
                return step.entry if step else refusal
            # Registered before the action can have an effect; the last one started is undone first.
            if not step or step.entry.event == "refused":
                self._steps.pop(name, None)
                id = f"step-{self._calls}"
                entry = Entry(step=id, name=name, event="unknown", detail="it was in flight")
                step = self._steps[name] = _Step(undo, entry)
            event, detail = await self._outcome(action)
            if self._is_open:  # otherwise, the step is being undone
                self._note(step, event, detail)
            return step.entry

    async def _outcome(self, action: Action) -> tuple[Event, str]:
        try:
            return "done", await action()
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            cause = root_cause(error)
            return "refused" if cause.type in self._refusals else "unknown", cause.message

    def _note(self, step: _Step, event: Event, detail: str) -> None:
        step.entry = step.entry.model_copy(update={"event": event, "detail": detail})
        self.journal.append(step.entry)

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Return the result of `work`. Stopping or cancelling it cancels everything that it awaits.

        Raises:
            Abandoned: It was stopped.
        """
        task = asyncio.ensure_future(work)
        try:
            await workflow.wait_condition(lambda: task.done() or bool(self._stopped_by))
            if self._stopped_by:
                raise Abandoned(f"stopped by {self._stopped_by}")
            return task.result()
        finally:
            await shielded(cancel_and_wait(task))
            if not task.cancelled():
                task.exception()  # otherwise, asyncio logs that it was never retrieved

    def stop(self, by: str) -> bool:
        """Stop what `run` awaits, and undo all steps; return False if it is too late for that."""
        if self._is_open:
            self._stopped_by = self._stopped_by or by
        return self._is_open

    async def __aenter__(self) -> Self:
        """Raise InvalidInput if the decision timeout is invalid, before anything is done."""
        if not timedelta() < self._decision_timeout <= MAX_DECISION_TIMEOUT:
            days = MAX_DECISION_TIMEOUT.days
            raise InvalidInput(
                f"decision_timeout is {self._decision_timeout}; "
                f"it must be positive and at most {days} days"
            )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Undo all steps unless the block succeeded.

        Raises:
            Abandoned: The block succeeded, but it was stopped or the outcome of a step is unknown.
            NotUndone: A compensation failed, and nobody decided in time.
        """
        self._is_open = False
        error = error or self._why_abandoned()
        if isinstance(error, UNDO_ON):
            await shielded(self._undo_all())
            if self.stuck:
                failure = NotUndone(self.stuck.values(), error)
                self.stuck.clear()  # no decision is accepted any more
                raise failure from None
            raise error

    def _why_abandoned(self) -> Abandoned | None:
        entries = [step.entry for step in self._steps.values()]
        unknown = [entry.name for entry in entries if entry.event == "unknown"]
        if self._stopped_by:
            return Abandoned(f"stopped by {self._stopped_by}")
        return Abandoned(f"the outcome is unknown: {', '.join(unknown)}") if unknown else None

    async def _undo_all(self) -> None:
        for step in reversed(list(self._steps.values())):
            await self._undo(step)
        deadline = workflow.time() + self._decision_timeout.total_seconds()
        while self.stuck or self._retries:
            with suppress(TimeoutError):
                await workflow.wait_condition(
                    lambda: bool(self._retries) or not self.stuck,
                    timeout=max(deadline - workflow.time(), 0),
                )
            if not self._retries and workflow.time() >= deadline:
                return
            while self._retries:
                await self._undo(self._retries.pop(0))

    async def _undo(self, step: _Step) -> None:
        try:
            self._note(step, "undone", await step.undo())
        except ActivityError as error:
            self._note(step, "not undone", root_cause(error).message)
            self.stuck[step.entry.step] = step.entry

    def check_decision(self, step_id: str, decision: Decision) -> None:
        """Raise InvalidInput unless the step waits for a decision, and this one is possible."""
        if step_id not in self.stuck:
            waiting = ", ".join(self.stuck) or "none"
            raise InvalidInput(
                f"step {step_id[:100]!r} needs no decision; steps that do: {waiting}"
            )
        if decision == "retry" and self._retry_count >= MAX_RETRIES:
            raise InvalidInput(f"{MAX_RETRIES} retries were made; resolve the step otherwise")

    def decide(self, step_id: str, decision: Decision, by: str) -> None:
        """Retry the compensation of a step, or record that a person has resolved it otherwise."""
        step = self._steps[self.stuck.pop(step_id).name]
        if decision == "retry":
            self._retry_count += 1
            self._retries.append(step)
        else:
            self._note(step, "resolved", f"by {by}")


async def shielded(work: Coroutine[Any, Any, T]) -> T:
    """Return the result of `work`. A cancellation of the caller meanwhile has no effect."""
    task = asyncio.ensure_future(work)
    while not task.done():
        with suppress(asyncio.CancelledError):
            await workflow.wait([task])
    return task.result()
