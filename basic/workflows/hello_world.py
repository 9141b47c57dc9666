"""The smallest durable agent: it answers only in haiku, and its one model call is an activity."""

from durable_agents import InvalidInput

from agents import Agent, Runner
from temporalio import workflow


@workflow.defn
class HelloWorldAgent:
    """Answers any prompt with a haiku."""

    @workflow.run
    async def run(self, prompt: str) -> str:
        """Return a haiku about `prompt`.

        Raises:
            InvalidInput: The prompt is empty.
        """
        if not prompt.strip():
            raise InvalidInput("prompt is empty: say what the haiku is to be about")
        agent = Agent(name="Assistant", instructions="You only respond in haikus.")
        # Looks like any other program for the Agents SDK. On a worker with the agents plugin, the
        # call to the model inside runs as an activity: recorded, retried, and never made again
        # once it has answered, whatever happens to this process.
        result = await Runner.run(agent, prompt)
        return result.final_output_as(str)
