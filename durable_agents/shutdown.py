"""Stops a worker's process within a bounded time, whatever its activities do."""

import asyncio
import faulthandler
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable

from temporalio.worker import Worker

EXIT_TIMEOUT = 5.0
"""Seconds that the process has after the worker's `graceful_shutdown_timeout`: activities stop when
they are cancelled, and their attempts are reported as failed. A platform must wait for the sum
before it kills the process."""

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class FatalErrorEvent(asyncio.Event):
    """Set when a worker fails, before it drains; passed to a worker as its `on_fatal_error`."""

    def __init__(self, then: Callable[[BaseException], Awaitable[None]] | None = None) -> None:
        super().__init__()
        self._then, self.exit_within = then, 0.0

    async def __call__(self, error: BaseException) -> None:
        """Record the failure, and bound the time to drain if `exit_within` is set, in seconds."""
        self.set()
        if self.exit_within:
            _exit_within(self.exit_within)
        if self._then:
            await self._then(error)


def fatal_error(worker: Worker) -> FatalErrorEvent:
    """Return the event that is set when `worker` fails."""
    event = worker.config(active_config=True)["on_fatal_error"]
    return event if isinstance(event, FatalErrorEvent) else FatalErrorEvent()


def stop_on_signal(worker: Worker) -> asyncio.Event:
    """Return an event that is set by SIGINT or SIGTERM; the signal also bounds the time to exit.

    A process that is still running when that time is over prints the stack of each thread, which
    names what did not stop, and exits with code 1. The time is also bounded if `worker` fails.
    """
    grace = worker.config(active_config=True)["graceful_shutdown_timeout"].total_seconds()
    fatal_error(worker).exit_within = limit = grace + EXIT_TIMEOUT
    stop, loop = asyncio.Event(), asyncio.get_running_loop()

    def stop_soon() -> None:
        _exit_within(limit)
        loop.call_soon_threadsafe(stop.set)

    def on_signal(number: int, _frame: object) -> None:
        signal.signal(number, signal.SIG_DFL)
        if sys.platform == "win32":
            stop_soon()

    for number in _SIGNALS:
        signal.signal(number, on_signal)
    if sys.platform != "win32":
        _watch_signals(stop_soon)
    return stop


async def interruptible(main: Awaitable[None]) -> None:
    """Await `main`; a signal wakes the event loop meanwhile, so that its handler is called.

    asyncio does so only on Windows. Elsewhere, the handler of a signal that arrives just before the
    loop waits for events would be called after the next event.
    """
    if sys.platform != "win32":
        reader, writer = os.pipe()
        asyncio.get_running_loop().add_reader(reader, os.read, reader, 1024)
        _report_signals_to(writer)
    await main


def _watch_signals(then: Callable[[], None]) -> None:
    """Call `then` at the first signal, in a thread: a handler waits for a blocked main thread."""
    reader, writer = os.pipe()
    _report_signals_to(writer)

    def watch() -> None:
        while os.read(reader, 1)[0] not in _SIGNALS:
            pass
        then()

    threading.Thread(target=watch, name="signals", daemon=True).start()


def _report_signals_to(pipe: int) -> None:
    os.set_blocking(pipe, False)
    signal.set_wakeup_fd(pipe, warn_on_full_buffer=False)


def _exit_within(seconds: float) -> None:
    faulthandler.dump_traceback_later(seconds, exit=True, file=sys.__stderr__ or 2)
