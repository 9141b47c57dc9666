"""The other side of `client.py`: runs agents as standard input asks, and reports each run.

A request is a line of JSON. Every run that finishes is a line of its own, and so is the end of the
request, with the seconds that all of its runs took.
"""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

READY = "Ready"


async def drive(
    run: Callable[[str], Awaitable[object]],
    resume: Callable[[str], Awaitable[bool]] | None = None,
) -> None:
    """Serve requests until standard input closes.

    Args:
        run: Runs the agent, as the run of the given id, and waits for its answer.
        resume: Waits for the answer of a run that was started before this process. Returns false
            if the system does not know the run; without `resume`, it knows none.
    """
    print(READY, flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        request = json.loads(line)
        left, started = iter(request["runs"]), time.perf_counter()

        async def some(left: Any = left, resumes: bool = request["resume"]) -> None:
            for id in left:
                begin = time.perf_counter()
                if not resumes:
                    await run(id)
                elif not (resume and await resume(id)):
                    continue
                _report({"run": id, "seconds": time.perf_counter() - begin})

        await asyncio.gather(*(some() for _ in range(request["at_once"])))
        _report({"seconds": time.perf_counter() - started})


def _report(line: dict[str, Any]) -> None:
    print(json.dumps(line), flush=True)
