"""Looks up the tides of a harbor: an activity, as a call to a tide service would be."""

from temporalio import activity
from temporalio.exceptions import ApplicationError

from tracing.harbors import HIGH_WATERS, harbors_in


@activity.defn
async def get_high_waters(harbor: str) -> str:
    """Get the times and the height of today's high waters.

    Args:
        harbor: The name of the harbor, in English.
    """
    found = harbors_in(harbor)
    if not found:
        # No retry will find it: fail at once, and tell the model what would work.
        raise ApplicationError(
            f"No tides for {harbor!r}. Known harbors: {', '.join(HIGH_WATERS)}.",
            type="UnknownHarbor",
            non_retryable=True,
        )
    return f"{found[0]}: {HIGH_WATERS[found[0]]}"
