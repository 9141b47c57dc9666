"""`sample run --crash`: kills the worker during a model call, and counts what is repeated."""

import asyncio
import threading
import time
from dataclasses import dataclass
from typing import Self

from offline_model.faults import Fault, Faults
from sample_cli.history_timeline import RUNNING, Row, Run
from sample_cli.processes import Failed
from sample_cli.sample_run import Play, say, settled
from sample_cli.session import while_alive

HELD = Fault("slow", 3600)


class HeldCalls(Faults):
    """Holds the offline model's answers, so that a kill is sure to hit a call in flight.

    One call is answered, every later one is held until `release`. Calls with an injected fault do
    not count.
    """

    def __init__(self) -> None:
        super().__init__()
        self._guard = threading.Lock()
        self._answers_left: float = 1

    def hold_all(self) -> None:
        """Hold every call from now on."""
        self._set_answers_left(0)

    def release(self) -> None:
        """Answer every call from now on. Calls that are held stay so: their worker is dead."""
        self._set_answers_left(float("inf"))

    def choose(self, header: str | None = None) -> Fault | None:
        """Return the fault of the request that has just come in; being held is one."""
        if fault := super().choose(header):
            return fault
        with self._guard:
            self._answers_left -= 1
            return None if self._answers_left >= 0 else HELD

    def _set_answers_left(self, number: float) -> None:
        with self._guard:
            self._answers_left = number


@dataclass(frozen=True)
class Crash:
    """The state of the model calls when the worker was killed."""

    in_flight: Row
    finished_model_calls: int

    @classmethod
    def during(cls, runs: list[Run]) -> Self | None:
        """Return what a kill at this moment interrupts; None if no model call is in flight."""
        rows = [row for run in runs for row in run.calls("model")]
        in_flight = [row for row in rows if row.outcome == RUNNING]
        finished = sum(row.outcome == "completed" for row in rows)
        return cls(in_flight[-1], finished) if in_flight else None


async def crash_once(play: Play, held: HeldCalls) -> Crash:
    """Kill the worker during a model call, and start a new one.

    The call is the first one after another has finished. Whether a run makes more than one is
    known when it ends: if it made only one, the starter runs again and that call is interrupted.

    Raises:
        Failed: The starter failed, or made no model call.
    """
    crash = await _kill_during_call(play, at_least=1)
    if not crash:
        await _check_made_one_call(play)
        say("This run makes one model call. Running it again, to interrupt that one.")
        held.hold_all()
        await play.start_again()
        crash = await _kill_during_call(play, at_least=0)
    if not crash:
        raise Failed("The run ended before a model call could be interrupted.")
    killed = time.monotonic()
    held.release()
    say(f"Worker killed (SIGKILL) while the model call of {crash.in_flight.what} was in flight.")
    await play.new_worker()
    say(f"New worker started {time.monotonic() - killed:.1f} s after the kill.")
    say("Waiting up to 10 s for the server to notice the missed heartbeat ...")
    return crash


async def verdict(play: Play, crash: Crash, runs: list[Run]) -> str:
    """Return the model calls made against those needed, in one line."""
    made, needed = await model_calls(play, runs)
    model = await play.session.model()
    faults = sum(call.fault not in (None, str(HELD)) for call in model.calls) if model else 0
    return (
        f"Model calls: {made} made, {needed} needed. "
        f"Finished before the crash and not repeated: {crash.finished_model_calls}. "
        f"In flight and made again: {made - needed - faults}."
    )


async def model_calls(play: Play, runs: list[Run]) -> tuple[int, int]:
    """Return how many model calls the runs made, and how many they needed."""
    calls = [row for run in runs for row in run.calls("model")]
    needed = sum(row.outcome == "completed" for row in calls)
    model = await play.session.model()
    attempts = sum(row.attempts for row in calls)
    return len(model.calls) - play.earlier_calls if model else attempts, needed


async def _kill_during_call(play: Play, *, at_least: int) -> Crash | None:
    """Kill the worker once a call is in flight and others have finished; None if none ever is."""
    while await while_alive(_in_flight(play, at_least), play.worker):
        await play.worker.kill()
        if crash := Crash.during(await play.runs()):
            return crash
        await play.new_worker()  # a real model answered just before the kill
    return None


async def _in_flight(play: Play, at_least: int) -> bool:
    """Wait until a call can be interrupted; false if the starter has ended instead."""
    while True:
        ended = play.starter.returncode is not None
        crash = Crash.during(await play.runs())
        if crash and crash.finished_model_calls >= at_least and await _has_left(play):
            return True
        if ended:
            return False
        await asyncio.sleep(0.05)


async def _has_left(play: Play) -> bool:
    """Whether the call has left the worker: the server counts it as started a little before."""
    model = await play.session.model()
    return not model or any(call.fault == str(HELD) and call.status is None for call in model.calls)


async def _check_made_one_call(play: Play) -> None:
    if code := play.starter.returncode:
        raise Failed(f"No model call was interrupted: the starter's exit code is {code}.", code)
    if not any(run.calls("model") for run in await settled(play, 0)):
        raise Failed("No model call was interrupted: the starter made none.")
