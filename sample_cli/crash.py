"""`sample run --crash`: kills the worker during a model call, and counts the repeated calls."""

import asyncio
import itertools
import math
import time
from dataclasses import dataclass
from typing import Self

from offline_model.faults import Fault, Faults
from sample_cli.history_timeline import RUNNING, Row, Run
from sample_cli.processes import POLL_INTERVAL, CommandError
from sample_cli.sample_run import SampleRun, say
from sample_cli.session import fail_if_worker_exits

HELD = Fault("slow", 3600)


class HeldCalls(Faults):
    """Holds the offline model's answers, so that a kill always interrupts a call in flight.

    Attributes:
        answered: How many calls are answered before the others are held. Calls with an injected
            fault do not count. A call stays held when the number is increased.
    """

    def __init__(self) -> None:
        super().__init__()
        self.answered: float = 1
        self._calls = itertools.count()

    def choose(self, header: str | None = None) -> Fault | None:
        """Return the fault of a new request; `HELD` holds it."""
        fault = super().choose(header)
        return HELD if not fault and next(self._calls) >= self.answered else fault


@dataclass(frozen=True)
class Crash:
    """The model calls at the time when the worker was killed."""

    in_flight: Row
    finished_model_calls: int

    @classmethod
    def during(cls, runs: list[Run]) -> Self | None:
        """Return what a kill now would interrupt; None if no model call is in flight."""
        rows = [row for run in runs for row in run.calls("model")]
        in_flight = [row for row in rows if row.outcome == RUNNING and row.worker]
        finished = sum(row.outcome == "completed" for row in rows)
        return cls(in_flight[-1], finished) if in_flight else None


async def crash_once(run: SampleRun, held: HeldCalls) -> Crash:
    """Kill the worker that runs a model call, and start a new one.

    The interrupted call is the first that follows a finished one. A run that turns out to make
    only one call is started again, and that call is interrupted. Raises CommandError if the starter
    fails or makes no call.
    """
    crash = await _kill_during_call(run, min_finished=1)
    if not crash:
        if code := run.starter.returncode:
            problem = f"No model call was interrupted: the starter exited with code {code}."
            raise CommandError(problem, code)
        if not any(each.calls("model") for each in await run.wait_for_history()):
            raise CommandError("No model call was interrupted: the starter made none.")
        say("This run makes one model call. Running it again to interrupt that call.")
        held.answered = 0
        await run.restart_starter()
        crash = await _kill_during_call(run, min_finished=0)
    if not crash:
        raise CommandError("The run finished before a model call could be interrupted. Try again.")
    killed = time.monotonic()
    held.answered = math.inf
    say(f"Worker killed (SIGKILL) while the model call of {crash.in_flight.what} was in flight.")
    await run.replace_worker()
    say(f"New worker started {time.monotonic() - killed:.1f} s after the kill.")
    say("Waiting up to 10 s for the server to notice the missed heartbeat ...")
    return crash


async def verdict(run: SampleRun, crash: Crash, runs: list[Run]) -> str:
    """Return the model calls made and needed, in one line."""
    made, needed = await model_calls(run, runs)
    model = await run.session.model()
    faults = sum(call.fault not in (None, str(HELD)) for call in model.calls) if model else 0
    return (
        f"Model calls: {made} made, {needed} needed. "
        f"Finished before the crash and not repeated: {crash.finished_model_calls}. "
        f"In flight and retried: {made - needed - faults}."
    )


async def model_calls(run: SampleRun, runs: list[Run]) -> tuple[int, int]:
    """Return how many model calls the runs made, and how many they needed."""
    calls = [row for each in runs for row in each.calls("model")]
    needed = sum(row.outcome == "completed" for row in calls)
    model = await run.session.model()
    attempts = sum(row.attempts for row in calls)
    return len(model.calls) - run.earlier_calls if model else attempts, needed


async def _kill_during_call(run: SampleRun, *, min_finished: int) -> Crash | None:
    """Kill the worker during a call that follows `min_finished` others; None if there is none."""
    while seen := await fail_if_worker_exits(_in_flight(run, min_finished), *run.workers):
        await run.kill_worker(seen.in_flight.worker)
        if crash := Crash.during(await run.runs()):
            return crash
        await run.replace_worker()  # a real model answered just before the kill
    return None


async def _in_flight(run: SampleRun, min_finished: int) -> Crash | None:
    """Wait until a call can be interrupted; return None if the starter exits first."""
    while True:
        ended = run.starter.returncode is not None
        crash = Crash.during(await run.runs())
        if crash and crash.finished_model_calls >= min_finished and await _is_sent(run):
            return crash
        if ended:
            return None
        await asyncio.sleep(POLL_INTERVAL)


async def _is_sent(run: SampleRun) -> bool:
    """Return whether the model has the request: the server counts the call as started earlier."""
    model = await run.session.model()
    return not model or any(call.fault == str(HELD) and call.status is None for call in model.calls)
