"""A retried tool charges the customer twice.

Cause: An activity runs at least once. If the bank charges, but then the response is lost, the
worker crashes, or the attempt times out, the attempt fails, and the next one charges again.

Cure: Send an idempotency key that is the same in every attempt of a call, such as the run id with
the activity id. The bank charges once per key, and returns the same receipt each time.
"""

from datetime import timedelta

from agents import Agent, Runner
from temporalio import activity, workflow
from temporalio.openai_agents.workflow import activity_as_tool

with workflow.unsafe.imports_passed_through():
    from failures.bank import Bank
    from failures.stage import Stage

GROUP = "Lost or repeated"
QUESTION = "Charge 10 EUR to the card on file."
NAIVE = r"charged 2 times: completed: .*receipt 2 for 10.00 EUR.*"
DURABLE = r"charged 1 time: completed: .*receipt 1 for 10.00 EUR.*"
CURE = "side_effects/activities/payments.py: charge_once"
TEST = "tests/side_effects/test_charge_once.py"

BANK = Bank()


@workflow.defn
class Naive:
    @staticmethod
    @activity.defn
    async def charge_card(cents: int) -> str:
        """Charge the customer's card."""
        return await BANK.charge(cents)

    @workflow.run
    async def run(self, request: str) -> str:
        timeout = timedelta(seconds=5)
        tool = activity_as_tool(self.charge_card, start_to_close_timeout=timeout)
        agent = Agent("Cashier", instructions="Charge the customer.", tools=[tool])
        result = await Runner.run(agent, request)
        return result.final_output_as(str)


@workflow.defn
class Durable:
    @staticmethod
    @activity.defn
    async def charge_card(cents: int) -> str:
        """Charge the customer's card."""
        info = activity.info()
        return await BANK.charge(cents, f"{info.workflow_run_id}:{info.activity_id}")

    @workflow.run
    async def run(self, request: str) -> str:
        timeout = timedelta(seconds=5)
        tool = activity_as_tool(self.charge_card, start_to_close_timeout=timeout)
        agent = Agent("Cashier", instructions="Charge the customer.", tools=[tool])
        result = await Runner.run(agent, request)
        return result.final_output_as(str)


async def play(stage: Stage, _failure: object) -> str:
    """Run the workflow; then read the bank's ledger."""
    async with stage.worker():
        outcome = await stage.outcome(await stage.start(QUESTION))
    return f"{BANK}: {outcome}"
