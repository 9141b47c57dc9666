"""Makes the imports of a script, which take seconds, shorter, and Ctrl-C silent meanwhile.

`durable_agents` imports this module first, so scripts import `durable_agents` first.
"""

import gc
import os
import signal
import sys
import threading
from types import FrameType

INTERRUPTED = 130  # 128 + SIGINT, as in shells


def _is_importing(frame: FrameType | None) -> bool:
    """Return whether the script itself, not one of its functions, imports a module."""
    called = None
    while frame and frame.f_globals.get("__name__") != "__main__":
        called, frame = frame, frame.f_back
    if not frame or not called or frame.f_code.co_name != "<module>":
        return False
    return called.f_code.co_filename.startswith("<frozen importlib")


def _exit_if_importing(number: int, frame: FrameType | None) -> None:
    # A KeyboardInterrupt would not do: modules catch it while they import, or turn it into another
    # error, and the script would continue or print a traceback.
    if _is_importing(frame):
        os._exit(INTERRUPTED)
    signal.default_int_handler(number, frame)


def collect_garbage() -> None:
    """Collect garbage again, but never what has been imported, once `durable_agents` is loaded."""
    if _FOR_A_SCRIPT:
        gc.freeze()
        gc.enable()


def restore() -> None:
    """Restore Python's own handler, as soon as all modules are imported."""
    if signal.getsignal(signal.SIGINT) is _exit_if_importing:
        signal.signal(signal.SIGINT, signal.default_int_handler)


_FOR_A_SCRIPT = (
    threading.current_thread() is threading.main_thread()
    and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    and gc.isenabled()
    and _is_importing(sys._getframe())
)
if _FOR_A_SCRIPT:
    signal.signal(signal.SIGINT, _exit_if_importing)
    gc.disable()  # collections would take a sixth of the time, and free nothing
