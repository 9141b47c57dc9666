"""A model's reasoning next to its answer, read from the items of an ordinary run.

The Responses API returns reasoning summaries on request. Chat Completions servers (DeepSeek, vLLM)
return `reasoning_content` by default. The Agents SDK converts both to reasoning items, so there is
no need to bypass the `Runner`, which makes the call durable.
"""

from durable_agents import require_text

from agents import Agent, ModelSettings, ReasoningItem, Runner, RunResult
from openai.types.shared import Reasoning
from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

with workflow.unsafe.imports_passed_through():
    from reasoning_content.models import ReasoningResult


@workflow.defn
class ReasoningContentWorkflow:
    """Answers a prompt, and returns the model's reasoning."""

    @workflow.run
    async def run(self, prompt: str, model_name: str | None = None) -> ReasoningResult:
        """Return the answer and the reasoning of a model.

        Args:
            prompt: The question.
            model_name: The model. By default the worker's default model.

        Raises:
            InvalidInput: The prompt is empty.
        """
        require_text(prompt, "prompt")
        agent = Agent(
            name="Thinker",
            instructions="Think the question through, then answer in one sentence.",
            model=model_name,
            model_settings=ModelSettings(reasoning=Reasoning(effort="medium", summary="auto")),
        )
        try:
            result = await Runner.run(agent, prompt)
        except ActivityError as error:
            if not rejects_reasoning(error):
                raise
            # OpenAI's models without reasoning reject the setting.
            result = await Runner.run(agent.clone(model_settings=ModelSettings()), prompt)
        return ReasoningResult(
            prompt=prompt,
            reasoning_content=reasoning_of(result),
            regular_content=result.final_output_as(str),
        )


def reasoning_of(result: RunResult) -> str | None:
    """Return the reasoning summaries of a run, or the full reasoning of an open model."""
    reasoning = [item.raw_item for item in result.new_items if isinstance(item, ReasoningItem)]
    texts = [part.text for item in reasoning for part in item.summary or item.content or []]
    return "\n\n".join(texts) or None


def rejects_reasoning(error: BaseException | None) -> bool:
    """Return whether a model call failed because the model does not support reasoning."""
    while error is not None:
        if isinstance(error, ApplicationError) and error.type == "BadRequestError":
            return "reasoning" in error.message
        error = error.__cause__
    return False
