"""What went wrong in a run that the workflow outlives, in words for a person or a model."""

from temporalio.exceptions import ApplicationError


def cause_of(error: Exception) -> str:
    """Return the type and message of the error at the root of `error`."""
    root: BaseException = error
    while root.__cause__:
        root = root.__cause__
    # The error of an activity has the type that it had on the worker in its text.
    return str(root) if isinstance(root, ApplicationError) else f"{type(root).__name__}: {root}"
