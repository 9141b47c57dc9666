"""The model's reasoning next to its answer, read from the items of an ordinary, durable run.

Models differ in how they tell their thoughts: with the Responses API as summaries, which have to
be asked for; over Chat Completions (DeepSeek, vLLM, …) as `reasoning_content`, unasked. The
Agents SDK turns both into reasoning items. Calling the model's API directly to get at them would
lose what the Runner gives: the call recorded, retried, and never made again.
"""

from durable_agents import InvalidInput

from agents import Agent, ModelSettings, ReasoningItem, Runner, RunResult
from openai.types.shared import Reasoning
from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

with workflow.unsafe.imports_passed_through():
    from reasoning_content.models import ReasoningResult


@workflow.defn
class ReasoningContentWorkflow:
    """Answers a prompt and tells what the model thought."""

    @workflow.run
    async def run(self, prompt: str, model_name: str | None = None) -> ReasoningResult:
        """Return the answer and the reasoning of `model_name`, or of the worker's default model.

        Raises:
            InvalidInput: The prompt is empty.
        """
        if not prompt.strip():
            raise InvalidInput("prompt is empty: ask something that takes thought")
        agent = Agent(
            name="Thinker",
            instructions="Think the question through, then answer in one sentence.",
            model=model_name,
            model_settings=ModelSettings(reasoning=Reasoning(effort="medium", summary="auto")),
        )
        try:
            result = await Runner.run(agent, prompt)
        except ActivityError as error:
            if not refuses_reasoning(error):
                raise
            # OpenAI's models without reasoning refuse to be asked for some.
            result = await Runner.run(agent.clone(model_settings=ModelSettings()), prompt)
        return ReasoningResult(
            prompt=prompt,
            reasoning_content=reasoning_of(result),
            regular_content=result.final_output_as(str),
        )


def reasoning_of(result: RunResult) -> str | None:
    """Return the summaries of all reasoning in a run, or the reasoning itself where it is open."""
    thoughts = [item.raw_item for item in result.new_items if isinstance(item, ReasoningItem)]
    texts = [part.text for thought in thoughts for part in thought.summary or thought.content or []]
    return "\n\n".join(texts) or None


def refuses_reasoning(error: BaseException | None) -> bool:
    """Whether a model call failed because the model knows no reasoning."""
    while error is not None:
        if isinstance(error, ApplicationError) and error.type == "BadRequestError":
            return "reasoning" in error.message
        error = error.__cause__
    return False
