"""Any LiteLLM model, chosen for each run. Temporal owns the retries."""

from durable_agents import require_text

from agents import Agent, Runner
from temporalio import workflow


@workflow.defn
class LitellmAutoWorkflow:
    """Answers a prompt with the model that the caller chooses."""

    @workflow.run
    async def run(self, prompt: str, model: str = "openai/gpt-5-mini") -> str:
        """Return the answer of `model`, a LiteLLM model name, to `prompt`.

        Raises:
            InvalidInput: The prompt or the model's name is empty.
            ActivityError: The provider rejected the call: wrong key, unknown model, long prompt.
        """
        require_text(prompt, "prompt")
        require_text(model, "model")
        agent = Agent(
            name="Assistant",
            instructions="You are a concise assistant: one sentence is enough.",
            # A name only. The client and its key stay on the worker.
            model=f"litellm/{model}",
        )
        result = await Runner.run(agent, prompt)
        return result.final_output_as(str)
