"""`root_cause()` finds the original error under its wrappers."""

from durable_agents import root_cause

from typing import TypeVar

import pytest
from agents import MaxTurnsExceeded, ModelBehaviorError
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ActivityError, ApplicationError, RetryState
from temporalio.openai_agents import AgentsWorkflowError

E = TypeVar("E", bound=BaseException)


def caused(error: E, cause: BaseException) -> E:
    error.__cause__ = cause
    return error


def activity_error(cause: BaseException) -> ActivityError:
    error = ActivityError(
        "Activity task failed",
        scheduled_event_id=5,
        started_event_id=6,
        identity="worker",
        activity_type="get_weather",
        activity_id="1",
        retry_state=RetryState.MAXIMUM_ATTEMPTS_REACHED,
    )
    return caused(error, cause)


REFUSED = ApplicationError("wrong key", type="AuthenticationError")


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (REFUSED, "AuthenticationError: wrong key"),
        (activity_error(REFUSED), "AuthenticationError: wrong key"),
        (
            WorkflowFailureError(cause=caused(AgentsWorkflowError("run"), activity_error(REFUSED))),
            "AuthenticationError: wrong key",
        ),
        (ApplicationError("no type"), "ApplicationError: no type"),
        (MaxTurnsExceeded("3 turns"), "MaxTurnsExceeded: 3 turns"),
        (
            caused(ModelBehaviorError("bad JSON"), ValueError("line 1")),
            "ModelBehaviorError: bad JSON",
        ),
    ],
)
def test_root_cause_has_a_type_and_a_message(error: BaseException, text: str) -> None:
    assert str(root_cause(error)) == text
