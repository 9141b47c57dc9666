"""`sample run --crash`: kills the worker in the middle of a call, and counts what is repeated."""

import asyncio
import json
import time
from dataclasses import dataclass

from sample_cli.catalog import Sample
from sample_cli.play import Play, say
from sample_cli.processes import Failed
from sample_cli.record import recorded
from sample_cli.runner import while_alive
from sample_cli.timeline import RUNNING, Row, Run

CALLS = ("model", "tool", "activity")
LATENCY = 1.0


@dataclass(frozen=True)
class Crash:
    """What was going on when the worker was killed."""

    in_flight: Row
    finished_model_calls: int


async def crash_once(play: Play) -> Crash:
    """Kill the worker during the sample's last call, and start a new one.

    Raises:
        Failed: The run ended before, so nothing was interrupted.
    """
    calls = recorded_calls(play.sample)
    while True:
        await while_alive(_interruptible(play, calls), play.worker)
        await play.worker.kill()
        killed = time.monotonic()
        if crash := _crash_of(await play.runs()):
            break
        await play.new_worker()  # the call ended just before the kill: another may follow
        if (code := play.starter.returncode) is not None:
            text = "The run ended before a call could be interrupted"
            raise Failed(f"{text} (the starter's exit code: {code}).")
    row = crash.in_flight
    say(f"Worker killed (SIGKILL) while the {row.kind} call of {row.what} was in flight.")
    await play.new_worker()
    say(f"New worker started {time.monotonic() - killed:.1f} s after the kill.")
    say("The server notices a lost model call when its heartbeat stays out for 10 s: waiting ...")
    return crash


def recorded_calls(sample: Sample) -> int:
    """Return how many activities the sample's recorded runs have; 1 where none is recorded."""
    events = [
        event
        for file in recorded(sample)
        for event in json.loads(file.read_text(encoding="utf-8"))["events"]
    ]
    types = [event["eventType"] for event in events]
    return max(1, types.count("EVENT_TYPE_ACTIVITY_TASK_SCHEDULED"))


async def verdict(play: Play, crash: Crash, runs: list[Run]) -> str:
    """Return the model calls made against those needed, in one line."""
    made, needed = await model_calls(play, runs)
    return (
        f"Model calls: {made} made, {needed} needed. "
        f"Finished before the crash and not repeated: {crash.finished_model_calls}. "
        f"In flight and made again: {made - needed}."
    )


async def model_calls(play: Play, runs: list[Run]) -> tuple[int, int]:
    """Return how many model calls were made, and how many were needed."""
    calls = [row for run in runs for row in run.calls("model")]
    needed = sum(row.outcome == "completed" for row in calls)
    model = await play.session.model()
    return len(model.calls) if model else sum(row.attempts for row in calls), needed


async def _interruptible(play: Play, calls: int) -> None:
    """Wait until the call with the given number is in flight, or the starter has ended."""
    while play.starter.returncode is None:
        runs = await play.runs()
        scheduled = sum(row.kind in CALLS for run in runs for row in run.rows)
        if scheduled >= calls and await _arrived(play, _crash_of(runs)):
            return
        await asyncio.sleep(0.05)


async def _arrived(play: Play, crash: Crash | None) -> bool:
    """Whether the call has left the worker: the server counts it as begun a little before."""
    model = await play.session.model()
    if not crash or crash.in_flight.kind != "model" or not model:
        return crash is not None
    return len(model.calls) > crash.finished_model_calls


def _crash_of(runs: list[Run]) -> Crash | None:
    """Return what a kill at this moment interrupts, if anything."""
    rows = [row for run in runs for row in run.rows if row.kind in CALLS]
    in_flight = [row for row in rows if row.outcome == RUNNING]
    finished = sum(row.kind == "model" and row.outcome == "completed" for row in rows)
    return Crash(in_flight[-1], finished) if in_flight else None
