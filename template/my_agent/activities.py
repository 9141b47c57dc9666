"""The agent's tool. It reads a clock, so it is an activity: replays use the recorded result."""

from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field
from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory


class LocalTime(BaseModel):
    """The time in a time zone."""

    timezone: str
    time: str = Field(description="ISO 8601, to the minute")


@activity.defn
async def get_time(timezone: str) -> LocalTime:
    """Return the current time in an IANA time zone, such as Asia/Tokyo."""
    try:
        now = datetime.now(ZoneInfo(timezone))
    except (KeyError, OSError, ValueError):
        # No retry can fix it, and it is expected (BENIGN): the model reads the message instead.
        raise ApplicationError(
            f"There is no time zone {timezone[:100]!r}; give an IANA name such as Europe/Oslo.",
            type="UnknownTimeZone",
            non_retryable=True,
            category=ApplicationErrorCategory.BENIGN,
        ) from None
    return LocalTime(timezone=timezone, time=now.isoformat(timespec="minutes"))
