"""Research progress, as returned by the `get_progress` query."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from temporalio.exceptions import is_cancelled_exception

Phase = Literal[
    "planning", "searching", "writing", "verifying", "revising", "done", "failed", "cancelled"
]


@dataclass(frozen=True)
class FailedSearch:
    """A search that failed permanently.

    Attributes:
        query: The search term.
        cause: The type and message of the error.
    """

    query: str
    cause: str


@dataclass
class Progress:
    """The state of a research run.

    A dataclass, because the agents plugin serializes only the fields of a pydantic model that were
    set: it would drop defaults and lists that were only appended to.

    Attributes:
        query: The question.
        phase: The current phase, or how the run ended.
        earlier: The phases before it, in order, so a client that polls misses none.
        planned: The number of planned searches.
        running: The number of running searches.
        done: The number of completed searches.
        failed: The number of searches that failed permanently.
        failures: The failed searches, in the order in which they failed.
        summary: The answer in short, once the report is written.
    """

    query: str = ""
    phase: Phase = "planning"
    earlier: list[Phase] = field(default_factory=list)
    planned: int = 0
    running: int = 0
    done: int = 0
    failed: int = 0
    failures: list[FailedSearch] = field(default_factory=list)
    summary: str = ""

    def enter(self, phase: Phase) -> None:
        """Move to the next phase."""
        self.earlier.append(self.phase)
        self.phase = phase

    def record_failure(self, query: str, cause: str) -> None:
        """Count a search that failed permanently."""
        self.failed += 1
        self.failures.append(FailedSearch(query, cause))

    @contextmanager
    def tracked(self) -> Iterator[None]:
        """Enter the final phase when the block ends: done, cancelled, or failed."""
        try:
            yield
        except BaseException as error:  # CancelledError is not an `Exception`
            self.enter("cancelled" if is_cancelled_exception(error) else "failed")
            raise
        self.enter("done")
