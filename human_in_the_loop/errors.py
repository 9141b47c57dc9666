"""Errors of decisions, one type for each reason. Non-retryable."""

from temporalio.exceptions import ApplicationError

from human_in_the_loop.models import Decision


class UnknownCall(ApplicationError):
    """No call with the id is pending."""

    def __init__(self, id: str) -> None:
        message = f"call {id!r} is not pending; see get_pending_approvals"
        super().__init__(message, type=UnknownCall.__name__, non_retryable=True)


class StaleDecision(ApplicationError):
    """The decision is for other arguments than those of the pending call."""

    def __init__(self, id: str) -> None:
        message = f"call {id!r} is not the call that you saw: its digest differs. Read it again"
        super().__init__(message, type=StaleDecision.__name__, non_retryable=True)


class AlreadyDecided(ApplicationError):
    """Someone decided first, or the deadline passed."""

    def __init__(self, decision: Decision) -> None:
        reason = f" ({decision.message})" if decision.message else ""
        message = f"{decision.tool} was already {decision}{reason}"
        super().__init__(message, type=AlreadyDecided.__name__, non_retryable=True)
