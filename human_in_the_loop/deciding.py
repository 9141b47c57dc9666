"""Sends a decision from a client; the error of a rejected one says who decided instead."""

from durable_agents import WorkflowClosed, root_cause, update_reliably

from temporalio.client import WorkflowFailureError, WorkflowHandle, WorkflowUpdateFailedError

from human_in_the_loop.errors import AlreadyDecided
from human_in_the_loop.models import Decision, DecisionRequest, Outcome
from human_in_the_loop.workflows.approvals import ApprovalsWorkflow

Handle = WorkflowHandle[ApprovalsWorkflow, Outcome]


class DecisionRefused(Exception):
    """A decision that was not accepted.

    Attributes:
        kind: AlreadyDecided, StaleDecision, UnknownCall, InvalidInput, or WorkflowClosed.
    """

    def __init__(self, kind: str, message: str) -> None:
        self.kind = kind
        super().__init__(message)


async def decide(handle: Handle, request: DecisionRequest) -> Decision:
    """Send a decision, and return it as the workflow recorded it.

    Raises:
        DecisionRefused: Someone else decided first, the deadline passed, the arguments changed, or
            the edit is invalid.
        RPCError: No server answers; the outcome is unknown.
    """
    try:
        return await update_reliably(handle, ApprovalsWorkflow.decide, request)
    except WorkflowUpdateFailedError as error:
        raise DecisionRefused(*root_cause(error)) from None
    except WorkflowClosed:
        earlier = await _earlier_decision(handle, request.id)
    if earlier is None:
        raise DecisionRefused("WorkflowClosed", "too late: the workflow has ended")
    raise DecisionRefused(AlreadyDecided.__name__, AlreadyDecided(earlier).message)


async def _earlier_decision(handle: Handle, call_id: str) -> Decision | None:
    """Return the last decision on a call, from the result of a workflow that has ended."""
    try:
        decisions = (await handle.result()).decisions
    except WorkflowFailureError:
        return None
    return next((each for each in reversed(decisions) if each.id == call_id), None)
