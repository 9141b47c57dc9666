"""Workflows for the tests of the sandbox."""

import durable_agents

import time
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

QUEUE = "test-sandbox"


class OwnRunner(SandboxedWorkflowRunner):
    """A sandbox that a worker extends."""


class InnerRunner(UnsandboxedWorkflowRunner):
    """Runs workflows inside a sandbox."""


@activity.defn
async def shout(text: str) -> str:
    """Return the text, louder."""
    return f"{text}!"


@workflow.defn
class Shout:
    """Passes a text through an activity."""

    @workflow.run
    async def run(self, text: str) -> str:
        """Return the activity's result."""
        return await workflow.execute_activity(
            shout, text, start_to_close_timeout=timedelta(seconds=10)
        )


@workflow.defn(failure_exception_types=[Exception])
class Clock:
    """Reads the clock, which the sandbox forbids."""

    @workflow.run
    async def run(self) -> float:
        """Return the time."""
        return time.time()


@workflow.defn
class Identity:
    """Shows whether the sandbox has its own copy of durable_agents."""

    @workflow.run
    async def run(self) -> int:
        """Return the identity of the module."""
        return id(durable_agents)


@workflow.defn
class Loop:
    """Does not yield for some seconds."""

    @workflow.run
    async def run(self) -> None:
        """Block each workflow task until the SDK interrupts it."""
        all(True for _ in range(200_000_000))  # without an end, a failing test would hang


def build_worker(client: Client) -> Worker:
    """Return a worker with them."""
    return Worker(
        client, task_queue=QUEUE, workflows=[Shout, Clock, Identity, Loop], activities=[shout]
    )
