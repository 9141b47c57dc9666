"""The bookkeeping of a fleet: which item is next, and the outcome of each."""

from durable_agents import InvalidInput, root_cause

from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ApplicationError, FailureError

from sub_agents.children import describe_failure, shorten
from sub_agents.models import FleetProgress, FleetReport, FleetState

MAX_ITEMS = 1_000  # all results are one payload
MAX_WINDOW = 100
MAX_RESULT_LENGTH = 200  # characters
MAX_FAILURES_ONLY = 20
"""Failures without a single success after which a fleet starts no more: the next ones would fail
for the same reason, such as an invalid key."""


def check_size(items: int, window: int) -> None:
    """Raise InvalidInput if the size of a fleet is out of range."""
    for name, value, limit in (("items", items, MAX_ITEMS), ("window", window, MAX_WINDOW)):
        if not 1 <= value <= limit:
            raise InvalidInput(f"{name} is {value:,}; give 1 to {limit:,}")


class Fleet:
    """The items of a fleet in one workflow run.

    Args:
        items: The number of items, over all runs, from 1 to 1,000.
        window: How many run at a time, from 1 to 100.
        state: The settings, and what the earlier run passed on.

    Raises:
        InvalidInput: `items` or `window` is out of range.
    """

    def __init__(self, items: int, window: int, state: FleetState) -> None:
        check_size(items, window)
        self._items, self._state, self._next = items, state, state.next_item
        self._end = min(items + 1, state.next_item + state.items_per_run)
        self._results, self._failures = dict(state.results), dict(state.failures)
        self._running: set[int] = set()
        self._last_error: FailureError | None = None

    @property
    def child_timeout(self) -> timedelta:
        """The execution timeout of a sub-agent."""
        return self._state.child_timeout

    @property
    def is_unfinished(self) -> bool:
        """Whether items are left for another run."""
        return self._next <= self._items

    def take(self) -> int | None:
        """Return the next item, or None if this run starts no more.

        An item is taken once, in order, so the next run continues with the one after the last.
        """
        is_long = workflow.info().is_continue_as_new_suggested()
        if self._next >= self._end or is_long or self._fails_only:
            return None
        item = self._next
        self._next += 1
        self._running.add(item)
        return item

    def complete(self, item: int, result: str) -> None:
        """Record the result of an item, shortened to `MAX_RESULT_LENGTH`."""
        self._running.discard(item)
        self._results[item] = shorten(result, MAX_RESULT_LENGTH)

    def fail(self, item: int, error: FailureError) -> None:
        """Record why an item has no result."""
        self._running.discard(item)
        reason = describe_failure(error, self.child_timeout)
        self._failures[item] = shorten(reason, MAX_RESULT_LENGTH)
        self._last_error = error

    def check_successes(self) -> None:
        """Raise ApplicationError (`NoItemSucceeded`) if all items, or the first 20, failed.

        Its cause is the last failure, so its root cause is what failed that item.
        """
        if self._last_error and (self._fails_only or not (self._results or self.is_unfinished)):
            message = f"no item succeeded: {root_cause(self._last_error)}"
            failure = ApplicationError(message, type="NoItemSucceeded", non_retryable=True)
            raise failure from self._last_error

    def progress(self) -> FleetProgress:
        """Return the progress of the fleet."""
        return FleetProgress(
            items=self._items,
            done=len(self._results),
            failed=len(self._failures),
            running=len(self._running),
            runs=self._state.runs,
        )

    def to_state(self) -> FleetState:
        """Return what the next run continues with; nothing is running."""
        now = {"next_item": self._next, "results": self._results, "failures": self._failures}
        return self._state.model_copy(update={**now, "runs": self._state.runs + 1})

    def report(self) -> FleetReport:
        """Return the results and the failures, by item."""
        return FleetReport(
            results=dict(sorted(self._results.items())),
            failures=dict(sorted(self._failures.items())),
            runs=self._state.runs,
        )

    @property
    def _fails_only(self) -> bool:
        return not self._results and len(self._failures) >= MAX_FAILURES_ONLY
