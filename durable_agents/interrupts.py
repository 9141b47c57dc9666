"""Silences Ctrl-C while a script imports its modules, which takes seconds: exit code 130.

It is imported before everything else, so scripts import `durable_agents` first.
"""

import os
import sys
from traceback import walk_tb
from types import TracebackType

INTERRUPTED = 130  # 128 + SIGINT, as in shells

_show = sys.excepthook


def _exit_if_importing(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    codes = [frame.f_code for frame, _ in walk_tb(traceback)][1:]  # the script's own comes first
    if any(c.co_name == "<module>" or c.co_filename.startswith("<frozen imp") for c in codes):
        cause: BaseException | None = error  # some modules wrap errors raised while they import
        while cause and not isinstance(cause, KeyboardInterrupt):
            cause = cause.__cause__ or cause.__context__
        if cause:
            os._exit(INTERRUPTED)
    _show(kind, error, traceback)


sys.excepthook = _exit_if_importing
