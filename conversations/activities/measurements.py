"""Measurements of the worker's machine. Two of them take as long as requested."""

from durable_agents import InvalidInput

import asyncio
import hashlib
import os
import time

from temporalio import activity

MAX_SECONDS = 100
SAMPLE_INTERVAL = 0.25  # seconds
BLOCK = bytes(1_000_000)


@activity.defn
async def get_load() -> str:
    """Return the current load of the machine."""
    return f"load {os.getloadavg()[0]:.2f}"


@activity.defn
async def watch_load(seconds: int) -> str:
    """Observe the load of the machine for some seconds, at most 100; return its maximum."""
    _check(seconds)
    end, loads = time.monotonic() + seconds, [os.getloadavg()[0]]
    while time.monotonic() < end:
        await asyncio.sleep(SAMPLE_INTERVAL)  # a cancellation is raised here
        loads.append(os.getloadavg()[0])
    return f"maximum load {max(loads):.2f} in {seconds} s"


@activity.defn
def benchmark_hashing(seconds: int) -> str:
    """Compute SHA-256 hashes for some seconds, at most 100; return the rate."""
    # A sync activity runs on a thread. A cancellation is raised between two of its statements, so
    # each should be short: a single hash of a large file would complete first.
    _check(seconds)
    end, blocks = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        hashlib.sha256(BLOCK).digest()
        blocks += 1
    return f"{blocks / seconds:,.0f} MB/s with SHA-256"


def _check(seconds: int) -> None:
    if not 1 <= seconds <= MAX_SECONDS:
        raise InvalidInput(f"seconds is {seconds:,}; give 1 to {MAX_SECONDS}")
