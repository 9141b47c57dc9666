"""Answers to recent updates, by update id: a client that missed one gets the same one again.

The server knows the update ids of a run. Continuing as new starts another run, so these are carried
along.
"""

from collections.abc import Mapping
from typing import TypeVar

from temporalio import workflow

T = TypeVar("T")

MAX_RECEIPTS = 40
"""More updates than a client sends before it hears that an earlier one got lost."""

MAX_ID = 200
"""Characters; an update with a longer id is not remembered. Carried state has to stay small."""


def recall(answers: Mapping[str, T]) -> T | None:
    """Return the answer that the current update got already; None if it is new."""
    update = workflow.current_update_info()
    return answers.get(update.id) if update else None


def remember(answers: dict[str, T], answer: T) -> T:
    """Keep and return the answer to the current update. The oldest one makes room for it."""
    update = workflow.current_update_info()
    if update and len(update.id) <= MAX_ID:
        answers[update.id] = answer
        for oldest in list(answers)[:-MAX_RECEIPTS]:
            del answers[oldest]
    return answer
