"""Measures what a failing model costs a research run: calls made, calls needed, and the time.

    uv run benchmarks/research.py

The run makes twenty searches, on the real worker with its real retry policy. The offline model
fails three calls in ten: rate limits, server errors, dropped connections.
"""

from durable_agents import run

import sys
import tempfile
import time
from collections import Counter

from offline_model.faults import Faults
from sample_cli.catalog import find
from sample_cli.processes import foreground
from sample_cli.session import Settings, fail_if_worker_exits, session

QUERY = "Why do bees dance? In 20 searches."
NEEDED = 22  # model calls: a plan, twenty searches, a report


async def main(*, rate: float = 0.3, seed: int = 1) -> None:
    """Measure one research run; the share RATE of its model calls fails, chosen by SEED."""
    sample = find("research_bot/research")
    settings = Settings(offline=True, faults=Faults(rate=rate, seed=seed))
    with tempfile.TemporaryDirectory() as folder:
        async with session(settings) as here, here.worker(sample) as worker:
            model = await fail_if_worker_exits(here.model(), worker)
            command = [sys.executable, str(sample.starter), QUERY, "--output", folder]
            started = time.perf_counter()
            async with foreground(command, here.env) as starter:
                code = await fail_if_worker_exits(starter.wait(), worker)
            seconds = time.perf_counter() - started
    calls = model.calls if model else ()
    faults = Counter(call.fault for call in calls if call.fault)
    print(f"Exit code {code} after {seconds:.1f} s.")
    print(f"Model calls: {len(calls)} made, {NEEDED} needed, {faults.total()} failed.")
    print("Failures: " + ", ".join(f"{kind} {count}" for kind, count in sorted(faults.items())))


if __name__ == "__main__":
    run(main)
