"""Messages sent during continue-as-new disappear without an error.

Cause: A signal is delivered to one run. Its handler appends the message to a list, and
`continue_as_new` starts a run whose list is empty. Messages that arrived during the last turn are
in the history of the closed run, unread. The sender's call has succeeded.

Cure: Pass unread messages to the next run as an argument, as goal_agent does. Or take messages as
updates, as conversations/chat does: if the run closes first, the sender gets an error, and resends
the message under the same id.
"""

import asyncio
from collections.abc import Sequence

from agents import Agent, Runner
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from failures.stage import Stage

GROUP = "Lost or repeated"
TURNS_PER_RUN = 2
NAIVE = r"2 of 5 messages were answered"
DURABLE = r"5 of 5 messages were answered"
CURE = "goal_agent/conversation/transcript.py: for_next_run"
TEST = "tests/goal_agent/test_prompt_queue.py"


@workflow.defn
class Naive:
    @workflow.init
    def __init__(self, answers: list[str]) -> None:
        self._answers, self._unread = answers, list[str]()

    @workflow.run
    async def run(self, answers: list[str]) -> None:
        agent = Agent("Assistant", instructions="Answer in one sentence.")
        for _ in range(TURNS_PER_RUN):
            await workflow.wait_condition(lambda: bool(self._unread))
            result = await Runner.run(agent, self._unread.pop(0))
            self._answers.append(result.final_output_as(str))
        workflow.continue_as_new(self._answers)

    @workflow.signal
    def send(self, message: str) -> None:
        self._unread.append(message)

    @workflow.query
    def answers(self) -> list[str]:
        return self._answers


@workflow.defn
class Durable:
    @workflow.init
    def __init__(self, answers: list[str], unread: Sequence[str] = ()) -> None:
        self._answers, self._unread = answers, [*unread]

    @workflow.run
    async def run(self, answers: list[str], unread: Sequence[str] = ()) -> None:
        agent = Agent("Assistant", instructions="Answer in one sentence.")
        for _ in range(TURNS_PER_RUN):
            await workflow.wait_condition(lambda: bool(self._unread))
            result = await Runner.run(agent, self._unread.pop(0))
            self._answers.append(result.final_output_as(str))
        workflow.continue_as_new(args=[self._answers, self._unread])

    @workflow.signal
    def send(self, message: str) -> None:
        self._unread.append(message)

    @workflow.query
    def answers(self) -> list[str]:
        return self._answers


async def play(stage: Stage, _failure: object) -> str:
    """Send five messages at once; count the answers within four seconds."""
    handle = await stage.start([])
    for number in range(5):
        await handle.signal("send", f"What is {number} + {number}?")
    async with stage.worker():
        for _ in range(20):
            answers = await handle.query("answers")
            if len(answers) == 5:
                break
            await asyncio.sleep(0.2)
    await handle.terminate()
    return f"{len(answers)} of 5 messages were answered"
