"""Look up the tides of a harbor, in place of a call to a tide service."""

from temporalio import activity
from temporalio.exceptions import ApplicationError

from tracing.harbors import HIGH_WATERS, harbors_in


@activity.defn
async def get_high_waters(harbor: str) -> str:
    """Get the times and height of today's high tides.

    Args:
        harbor: The name of the harbor, in English.
    """
    found = harbors_in(harbor)
    if not found:
        # Non-retryable: the message lists the valid harbors for the model.
        raise ApplicationError(
            f"No tides for {harbor!r}. Known harbors: {', '.join(HIGH_WATERS)}.",
            type="UnknownHarbor",
            non_retryable=True,
        )
    return f"{found[0]}: {HIGH_WATERS[found[0]]}"
