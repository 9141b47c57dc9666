"""After a deployment, open conversations hang: "Nondeterminism error" (TMPRL1100).

Cause: A worker rebuilds an open conversation by replaying its history on its current code. The new
version looks up the customer before each answer, but the history of the first answer has no such
activity. The workflow task fails and is retried, forever unless the old code is deployed again.

Cure: Put the change behind `workflow.patched()`. Earlier turns replay on the old path, and later
ones take the new one. Use one id for each turn: a run remembers the first result for an id, so one
id for all turns would keep an open conversation on the old path. To keep it there on purpose, use
worker versioning (versioning/README.md).
"""

import asyncio
from datetime import timedelta
from uuid import uuid4

from agents import Agent, Runner
from temporalio import activity, workflow

with workflow.unsafe.imports_passed_through():
    from failures.stage import Stage

GROUP = "Deployment"
NAIVE = r"still running .*: its workflow task fails .*TMPRL1100.*"
DURABLE = r"completed: .*"
CURE = "failures/workflows/changed_code.py: Durable"
TEST = "tests/failures/test_failures.py"


@activity.defn
async def find_customer(message: str) -> str:
    """Return what is known about the customer who sent a message."""
    return "A customer since 2019."


@workflow.defn(name="Conversation")
class Before:
    """The version that the conversation starts on."""

    def __init__(self) -> None:
        self._messages = list[str]()

    @workflow.run
    async def run(self, questions: int) -> str:
        answers = list[str]()
        while len(answers) < questions:
            await workflow.wait_condition(lambda: bool(self._messages))
            question = self._messages.pop(0)
            result = await Runner.run(Agent("Support"), question)
            answers.append(result.final_output_as(str))
        return answers[-1]

    @workflow.signal
    def send(self, message: str) -> None:
        self._messages.append(message)


@workflow.defn(name="Conversation")
class Naive:
    def __init__(self) -> None:
        self._messages = list[str]()

    @workflow.run
    async def run(self, questions: int) -> str:
        answers = list[str]()
        while len(answers) < questions:
            await workflow.wait_condition(lambda: bool(self._messages))
            question = await with_customer(self._messages.pop(0))
            result = await Runner.run(Agent("Support"), question)
            answers.append(result.final_output_as(str))
        return answers[-1]

    @workflow.signal
    def send(self, message: str) -> None:
        self._messages.append(message)


@workflow.defn(name="Conversation")
class Durable:
    def __init__(self) -> None:
        self._messages = list[str]()

    @workflow.run
    async def run(self, questions: int) -> str:
        answers = list[str]()
        while len(answers) < questions:
            await workflow.wait_condition(lambda: bool(self._messages))
            question = self._messages.pop(0)
            if workflow.patched(f"with-customer-{len(answers)}"):
                question = await with_customer(question)
            result = await Runner.run(Agent("Support"), question)
            answers.append(result.final_output_as(str))
        return answers[-1]

    @workflow.signal
    def send(self, message: str) -> None:
        self._messages.append(message)


async def with_customer(message: str) -> str:
    """Add what is known about the customer, which the new version does."""
    known = await workflow.execute_activity(
        find_customer, message, start_to_close_timeout=timedelta(seconds=5)
    )
    return f"{message} ({known})"


async def play(stage: Stage, _failure: object) -> str:
    """Answer a message on the old code, deploy the new code, and send the next message."""
    handle = await stage.client.start_workflow(
        "Conversation", 2, id=f"{stage.task_queue}-{uuid4().hex[:6]}", task_queue=stage.task_queue
    )
    await handle.signal("send", "Where is my order?")
    # Without a cache, whose sticky queue would delay the next worker by up to 10 s.
    async with stage.worker(workflows=[Before], max_cached_workflows=0):
        for _ in range(200):  # stop it when idle: a task lost with it would take 10 s more
            found = (await handle.describe()).raw_description
            busy = found.pending_activities or found.HasField("pending_workflow_task")
            if stage.model.calls and not busy:
                break
            await asyncio.sleep(0.05)
    await handle.signal("send", "And when does it arrive?")
    async with stage.worker():
        return await stage.outcome(handle)
