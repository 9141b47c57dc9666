"""How far a research is: what the query `get_progress` answers, also after the run's end."""

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
    """A search that gave nothing, and the type and message of what went wrong."""

    query: str
    cause: str


@dataclass
class Progress:
    """The state of a research.

    A dataclass, since of a pydantic model the agents plugin sends only what was set: neither a
    default, nor a list that was merely appended to.

    Attributes:
        query: What is researched.
        phase: What happens now, or how it ended.
        earlier: The phases before, in order: whoever asks now and then misses none.
        planned: How many searches there are in all.
        running: How many run at this moment.
        done: How many have found something.
        failed: How many have failed for good.
        failures: Which, and why.
        summary: The answer in short, once there is a report.
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
        """Go on to the next phase."""
        self.earlier.append(self.phase)
        self.phase = phase

    def note_failure(self, query: str, cause: str) -> None:
        """Count a search that has failed for good."""
        self.failed += 1
        self.failures.append(FailedSearch(query, cause))

    @contextmanager
    def up_to_its_end(self) -> Iterator[None]:
        """Enter the last phase at the end of the block: done, cancelled, or failed."""
        try:
            yield
        except BaseException as error:  # only looked at: a cancellation is no `Exception`
            self.enter("cancelled" if is_cancelled_exception(error) else "failed")
            raise
        self.enter("done")
