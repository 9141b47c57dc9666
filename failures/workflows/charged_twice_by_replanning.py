"""The model calls a tool again with different arguments, and the customer is charged twice.

Cause: The bank charges, and its response is lost. The model reads that the outcome is unknown, and
calls the tool again, with "10.00 EUR" instead of "10 euros". That is a new activity, so a key made
of the run id and the activity id, which makes retries safe, changes.

Cure: Build the key from the workflow id and resolved facts, such as the amount in cents, and from
nothing that the model words or that changes when it plans again. For providers without idempotency
keys, side_effects/ claims the effect in a database before it is dispatched.
"""

from datetime import timedelta

from agents import Agent, Runner
from temporalio import activity, workflow
from temporalio.openai_agents.workflow import activity_as_tool

with workflow.unsafe.imports_passed_through():
    from failures.bank import Bank
    from failures.stage import Stage
    from side_effects.intents import effect_key

GROUP = "Lost or repeated"
QUESTION = "Charge 10 euros to the card on file."
NAIVE = r"charged 2 times: completed: .*receipt 2 for 10.00 EUR.*"
DURABLE = r"charged 1 time: completed: .*receipt 1 for 10.00 EUR.*"
CURE = "side_effects/intents.py: effect_key"
TEST = "tests/side_effects/test_payment.py"

BANK = Bank()


def cents_in(amount: str) -> int:
    """Return the cents of an amount such as "10.00 EUR"."""
    return round(float(amount.split()[0]) * 100)


async def charge(amount: str, key: str) -> str:
    """Charge the card; return the receipt, or what is known about the outcome."""
    try:
        return await BANK.charge(cents_in(amount), key)
    except ConnectionError as error:
        return f"The outcome is unknown: {error}."


@workflow.defn
class Naive:
    @staticmethod
    @activity.defn
    async def charge_customer(amount: str) -> str:
        """Charge the customer's card."""
        info = activity.info()
        return await charge(amount, f"{info.workflow_run_id}:{info.activity_id}")

    @workflow.run
    async def run(self, request: str) -> str:
        timeout = timedelta(seconds=5)
        tool = activity_as_tool(self.charge_customer, start_to_close_timeout=timeout)
        agent = Agent("Cashier", instructions="Charge the customer.", tools=[tool])
        result = await Runner.run(agent, request)
        return result.final_output_as(str)


@workflow.defn
class Durable:
    @staticmethod
    @activity.defn
    async def charge_customer(amount: str) -> str:
        """Charge the customer's card."""
        info = activity.info()
        return await charge(amount, effect_key(info.workflow_id or "", cents_in(amount)))

    @workflow.run
    async def run(self, request: str) -> str:
        timeout = timedelta(seconds=5)
        tool = activity_as_tool(self.charge_customer, start_to_close_timeout=timeout)
        agent = Agent("Cashier", instructions="Charge the customer.", tools=[tool])
        result = await Runner.run(agent, request)
        return result.final_output_as(str)


async def play(stage: Stage, _failure: object) -> str:
    """Run the workflow; then read the bank's ledger."""
    async with stage.worker():
        outcome = await stage.outcome(await stage.start(QUESTION))
    return f"{BANK}: {outcome}"
