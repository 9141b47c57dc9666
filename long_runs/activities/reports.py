"""Read inspection reports, and the load that a bridge may carry."""

from temporalio import activity
from temporalio.exceptions import ApplicationError

from long_runs.inspection import MAX_REPORTS, report_text


@activity.defn
async def read_report(number: int) -> str:
    """Read an inspection report.

    Args:
        number: The number of the report, from 1.
    """
    _check(number)
    return report_text(number)


@activity.defn
async def look_up_load(number: int) -> str:
    """Look up the load that the bridge of a report may carry until it is repaired.

    Args:
        number: The number of the report.
    """
    _check(number)
    return f"Bridge {number} may carry {10 + number % 20} t."


def _check(number: int) -> None:
    if not 1 <= number <= MAX_REPORTS:
        raise ApplicationError(
            f"There is no report {number}. The reports are 1 to {MAX_REPORTS}.",
            type="UnknownReport",
            non_retryable=True,  # a retry cannot find it, but the model can choose another one
        )
