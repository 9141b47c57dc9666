"""Describes a failed search in a report, and decides whether to retry it."""

from durable_agents import root_cause

import re
from textwrap import shorten

MAX_DESCRIPTION_LENGTH = 200  # characters; a gateway may answer with a whole HTML page


def describe_error(error: Exception) -> str:
    """Return the type and message of the root cause of `error` in one line, without API keys.

    Providers quote part of a wrong key in their error, and reports are shared.
    """
    text = re.sub(r"\bsk-[\w*.-]+", "[key]", str(root_cause(error)))
    return shorten(text, MAX_DESCRIPTION_LENGTH, placeholder=" …")


def model_misbehaved(error: Exception) -> bool:
    """Return whether the model answered, but badly: a new attempt may succeed.

    A call that got no answer is not worth a new attempt. Temporal has retried it already, or the
    API rejected it: a wrong key or a bad request stays wrong.
    """
    return root_cause(error).type in ("ModelBehaviorError", "MaxTurnsExceeded")
