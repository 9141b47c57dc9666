"""Failures and cancellations of a branch, in every form that workflow code can receive."""

from unittest.mock import AsyncMock, patch

import pytest
from agents import AgentsException, ModelBehaviorError, RunContextWrapper, Runner
from temporalio.exceptions import ActivityError, ApplicationError, CancelledError

from agent_patterns.workflows.agents_as_tools import describe_failure
from agent_patterns.workflows.parallelization import translate


def activity_error(cause: Exception) -> ActivityError:
    """Return the error that a failed or cancelled model call raises in the workflow."""
    error = ActivityError(
        "Activity task failed",
        scheduled_event_id=5,
        started_event_id=6,
        identity="",
        activity_type="invoke_model_activity",
        activity_id="1",
        retry_state=None,
    )
    error.__cause__ = cause
    return error


FAILED = [
    ModelBehaviorError("No such tool."),
    AgentsException("Too many turns."),
    activity_error(ApplicationError("Refused.", type="BadRequestError")),
    ApplicationError("The input is 3 MB.", type="TooLarge"),
]
CANCELLED = [CancelledError(), activity_error(CancelledError())]


@pytest.mark.parametrize("error", FAILED, ids=repr)
async def test_failed_branch_returns_its_error(error: Exception) -> None:
    with patch.object(Runner, "run", AsyncMock(side_effect=error)):
        assert await translate("Hello", "literal") is error
    assert describe_failure(RunContextWrapper(None), error).startswith("The translator failed: ")


@pytest.mark.parametrize("error", CANCELLED, ids=repr)
async def test_cancellation_is_not_a_failed_branch(error: Exception) -> None:
    with patch.object(Runner, "run", AsyncMock(side_effect=error)), pytest.raises(type(error)):
        await translate("Hello", "literal")
    with pytest.raises(type(error)):
        describe_failure(RunContextWrapper(None), error)
