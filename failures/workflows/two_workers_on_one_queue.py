"""Workflow class is not registered on this worker, although it is running elsewhere.

Cause: The server sends a task to any worker that polls its task queue. If two workers with
different workflows poll the same queue, for example because both copied its name from a tutorial, a
run proceeds only when its task reaches the right worker. On the other one, the workflow task fails.

Cure: Give each set of workflows and activities its own task queue, and register the whole set on
every worker of that queue. Here, each topic has its own `TASK_QUEUE`, and one worker for it.
"""

import asyncio

from agents import Agent, Runner
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from failures.stage import Stage, open_stage, task_error

GROUP = "Deployment"
RUNS = 12
NAIVE = r"[1-9]\d* of 12 runs met the wrong worker: NotFoundError: .* is not registered .*"
DURABLE = r"0 of 12 runs met the wrong worker"
CURE = "basic/__init__.py: TASK_QUEUE"
TEST = "tests/test_catalog.py"


@workflow.defn
class Billing:
    """The workflow of the other worker."""

    @workflow.run
    async def run(self, question: str) -> str:
        result = await Runner.run(Agent("Billing"), question)
        return result.final_output_as(str)


@workflow.defn
class Naive:
    BILLING_QUEUE = "failures-two_workers_on_one_queue-naive"  # this workflow's queue

    @workflow.run
    async def run(self, question: str) -> str:
        result = await Runner.run(Agent("Support"), question)
        return result.final_output_as(str)


@workflow.defn
class Durable:
    BILLING_QUEUE = "failures-billing"

    @workflow.run
    async def run(self, question: str) -> str:
        result = await Runner.run(Agent("Support"), question)
        return result.final_output_as(str)


async def play(stage: Stage, _failure: object) -> str:
    """Count the runs that meet the wrong worker while both are up."""
    queue = (Durable if stage.durable else Naive).BILLING_QUEUE
    billing = await open_stage(stage.name, stage.version, Billing, [], stage.model)
    async with stage.worker(), billing.worker(task_queue=queue):
        handles = [await stage.start("Hello") for _ in range(RUNS)]
        await asyncio.wait([asyncio.create_task(each.result()) for each in handles], timeout=3)
    errors = [error for each in handles if (error := await task_error(each))]
    return ": ".join([f"{len(errors)} of {RUNS} runs met the wrong worker", *errors[:1]])
