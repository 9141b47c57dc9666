"""The smallest durable agent: one prompt, and one model call that runs as an activity."""

from durable_agents import require_text

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
        require_text(prompt, "prompt")
        agent = Agent(name="Assistant", instructions="You only respond in haikus.")
        # This is the plain Agents SDK. The plugin runs the model call as an activity: Temporal
        # retries it, records its result, and does not repeat it if this worker crashes later.
        result = await Runner.run(agent, prompt)
        return result.final_output_as(str)
