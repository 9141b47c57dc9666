"""A signal with a bad value hangs the workflow, and the sender sees no error.

Cause: A signal is accepted before its handler runs, so an exception in the handler cannot reach the
sender. It fails the workflow *task* instead, which the server retries forever. The signal is in the
history, so the workflow cannot make progress.

Cure: Take input that can be wrong as an update with a validator. What the validator raises is
returned to the sender, nothing is recorded, and the workflow continues.
"""

from agents import Agent, Runner
from temporalio import workflow
from temporalio.client import WorkflowUpdateFailedError

with workflow.unsafe.imports_passed_through():
    from failures.stage import Stage

GROUP = "Hangs"
QUESTION = "Write three slogans for a bakery."
NAIVE = (
    r"sent 7: accepted; sent 2: accepted; "
    r"still running .*: its workflow task fails .* ValueError: There is no draft 7; .*"
)
DURABLE = (
    r"sent 7: rejected, ValueError: There is no draft 7; choose from 1 to 3; sent 2: accepted; "
    r"completed: Draft 2 .*"
)
CURE = "human_in_the_loop/workflows/approvals.py: _validate_decision"
TEST = "tests/human_in_the_loop/test_rejected_decisions.py"


async def play(stage: Stage, failure: object) -> str:
    lines = []
    async with stage.worker():
        handle = await stage.start(QUESTION)
        send = handle.execute_update if stage.durable else handle.signal
        for number in (7, 2):
            try:
                await send("choose", number)
                lines.append(f"sent {number}: accepted")
            except WorkflowUpdateFailedError as error:
                lines.append(f"sent {number}: rejected, {error.cause}")
        return "; ".join([*lines, await stage.outcome(handle)])


def check(number: int) -> None:
    if not 1 <= number <= 3:
        raise ValueError(f"There is no draft {number}; choose from 1 to 3")


@workflow.defn
class Naive:
    def __init__(self) -> None:
        self.chosen = 0

    @workflow.run
    async def run(self, request: str) -> str:
        agent = Agent(name="Copywriter", instructions="Write three numbered drafts.")
        drafts = await Runner.run(agent, request)
        await workflow.wait_condition(lambda: self.chosen > 0)
        return f"Draft {self.chosen} of: {drafts.final_output_as(str)}"

    @workflow.signal
    def choose(self, number: int) -> None:
        check(number)
        self.chosen = number


@workflow.defn
class Durable:
    def __init__(self) -> None:
        self.chosen = 0

    @workflow.run
    async def run(self, request: str) -> str:
        agent = Agent(name="Copywriter", instructions="Write three numbered drafts.")
        drafts = await Runner.run(agent, request)
        await workflow.wait_condition(lambda: self.chosen > 0)
        return f"Draft {self.chosen} of: {drafts.final_output_as(str)}"

    @workflow.update
    def choose(self, number: int) -> None:
        self.chosen = number

    @choose.validator
    def _check(self, number: int) -> None:
        check(number)
