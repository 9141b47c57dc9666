"""Silences Ctrl-C while modules are imported, which takes seconds: exit code 130, no traceback.

Scripts import `durable_agents` first, so that this comes before all that is slow.
"""

import os
import sys
from types import TracebackType

INTERRUPTED = 130  # 128 + SIGINT, as shells have it
_show = sys.excepthook


def _hook(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    if _is_importing(traceback) and _is_interrupt(error):
        os._exit(INTERRUPTED)
    _show(kind, error, traceback)


def _is_importing(traceback: TracebackType | None) -> bool:
    """Whether a module's body runs below the script's own, or the import system itself."""
    below = traceback.tb_next if traceback else None
    while below:
        code = below.tb_frame.f_code
        if code.co_name == "<module>" or code.co_filename.startswith("<frozen importlib"):
            return True
        below = below.tb_next
    return False


def _is_interrupt(error: BaseException | None) -> bool:
    """Whether an interrupt is the cause: some imports wrap what is raised in them."""
    while error and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error is not None


sys.excepthook = _hook
