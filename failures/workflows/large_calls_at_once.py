"""The server terminates the workflow when it makes several large model calls at once.

Cause: All activities that a workflow starts at once are sent in one message, and the server accepts
4 MiB. Three model calls of 1.5 MB each exceed that, although each is below the limit of 2 MiB for
one payload. The server terminates the workflow, and no code can catch that.

Cure: With `connect()`, the call that exceeds the limit raises TooLarge in workflow code. It fails
the run with the size and the limit, or can be caught. The workflow's code stays the same. To
succeed, make large calls one after another, or keep their input out of the history, as long_runs/
does.
"""

import asyncio

from agents import Agent, Runner
from temporalio import workflow

GROUP = "Too large"
QUESTION = "Sales rose in the north and fell in the south.\n" * 32_000
NAIVE = r"failed: TerminatedError: GrpcMessageTooLarge"
DURABLE = r"failed: TooLarge: everything sent at once is 4,[\d,]+ bytes; the limit is 4,000,000"
CURE = "durable_agents/payloads.py: MAX_TASK_BYTES"
TEST = "tests/durable_agents/test_sizes.py"
UPSTREAM = "temporalio/temporal#7777"


@workflow.defn
class Naive:
    @workflow.run
    async def run(self, report: str) -> str:
        reviewers = [
            Agent(name=f"Reviewer of {aspect}", instructions=f"Review the {aspect} of a report.")
            for aspect in ("language", "figures", "conclusions")
        ]
        results = await asyncio.gather(*(Runner.run(each, report) for each in reviewers))
        return "\n".join(result.final_output_as(str) for result in results)


@workflow.defn
class Durable:
    @workflow.run
    async def run(self, report: str) -> str:
        reviewers = [
            Agent(name=f"Reviewer of {aspect}", instructions=f"Review the {aspect} of a report.")
            for aspect in ("language", "figures", "conclusions")
        ]
        results = await asyncio.gather(*(Runner.run(each, report) for each in reviewers))
        return "\n".join(result.final_output_as(str) for result in results)
