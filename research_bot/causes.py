"""What went wrong in a search, in words for a report, and whether asking again may help."""

from durable_agents import root_cause

import re
from textwrap import shorten

# A gateway may answer with a whole page. In characters:
LONGEST_CAUSE = 200


def cause_of(error: Exception) -> str:
    """Return the type and message of the error at the root of `error`, on one line, without keys.

    Providers repeat a wrong key in part, and reports are handed around.
    """
    text = re.sub(r"\bsk-[\w*.-]+", "[key]", str(root_cause(error)))
    return shorten(text, LONGEST_CAUSE, placeholder=" …")


def may_pass(error: Exception) -> bool:
    """Whether a fresh try may succeed: the model behaved badly, but it did answer.

    A call that got no answer has had all of Temporal's attempts, or was refused: a wrong key or a
    bad request stays wrong.
    """
    return root_cause(error).type in ("ModelBehaviorError", "MaxTurnsExceeded")
