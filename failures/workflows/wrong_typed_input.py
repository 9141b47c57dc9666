"""The workflow hangs after a client starts it with an argument of the wrong type.

Cause: A client in another language, or of another version, sends JSON that does not fit the
argument's model. The plugin's converter then passes a plain `dict` instead of the model, which
breaks workflow code later: the workflow *task* fails, and the server retries it forever.

Cure: `connect()` validates arguments before the workflow runs. A bad start fails at once with
InvalidInput, which names the argument and the field. The workflow's code stays the same.
"""

from datetime import timedelta

from agents import Agent, Runner
from pydantic import BaseModel
from temporalio import workflow

GROUP = "Hangs"
QUESTION = {"city": "Oslo", "days": "three"}
NAIVE = r"still running .*: its workflow task fails .* AttributeError: 'dict' object has no .*"
DURABLE = r"failed: InvalidInput: trip\.days: Input should be a valid integer.*"
CURE = "durable_agents/arguments.py: check_arguments"
TEST = "tests/durable_agents/test_arguments.py"


class Trip(BaseModel):
    city: str
    days: int


@workflow.defn
class Naive:
    @workflow.run
    async def run(self, trip: Trip) -> str:
        end = workflow.now() + timedelta(days=trip.days)
        agent = Agent(name="Travel agent", instructions="Plan trips.")
        result = await Runner.run(agent, f"Plan a trip to {trip.city} until {end:%d %B}.")
        return result.final_output_as(str)


@workflow.defn
class Durable:
    @workflow.run
    async def run(self, trip: Trip) -> str:
        end = workflow.now() + timedelta(days=trip.days)
        agent = Agent(name="Travel agent", instructions="Plan trips.")
        result = await Runner.run(agent, f"Plan a trip to {trip.city} until {end:%d %B}.")
        return result.final_output_as(str)
