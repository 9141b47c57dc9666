"""Any of LiteLLM's models, chosen for each run: the worker finds the provider by the prefix."""

from durable_agents import InvalidInput

from agents import Agent, Runner
from temporalio import workflow


@workflow.defn
class LitellmAutoWorkflow:
    """Answers a prompt with a model of the caller's choice."""

    @workflow.run
    async def run(self, prompt: str, model: str = "openai/gpt-5-mini") -> str:
        """Return the answer of `model`, named as LiteLLM names it, to `prompt`.

        Raises:
            InvalidInput: The prompt or the model's name is empty.
            ActivityError: The provider refused: wrong key, unknown model, too long a prompt.
        """
        if not prompt.strip():
            raise InvalidInput("prompt is empty: say what the model is to answer")
        if not model.strip():
            raise InvalidInput("model is empty: name one as LiteLLM does, openai/gpt-5-mini")
        agent = Agent(
            name="Assistant",
            instructions="You are a concise assistant: one sentence is enough.",
            # Only a name: the client behind it and its key stay on the worker.
            model=f"litellm/{model}",
        )
        result = await Runner.run(agent, prompt)
        return result.final_output_as(str)
