"""What a strict output schema refuses, why, and the way without one.

In strict mode the model API guarantees that the output fits the schema, so it takes only schemas
that list every key. `Recipe` has an object with free keys, the names of the ingredients: strict
mode refuses it before any call is made. Without strict mode the model is asked for the schema but
not held to it; the Agents SDK still validates what comes back, and an answer that does not fit
fails the workflow with `ModelBehaviorError`. Prefer strict where a list of pairs would do.
"""

from agents import Agent, AgentOutputSchema, Runner, UserError
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from basic.models import Recipe


@workflow.defn
class NonStrictOutputWorkflow:
    """Reads the ingredients out of a text."""

    @workflow.run
    async def run(self, input_text: str) -> dict[str, object]:
        """Return the ingredients found in `input_text`, and why strict mode would not do.

        The keys are `strict_refusal`, the SDK's words, and `ingredients`, amounts by name.
        """
        try:
            output_type = AgentOutputSchema(Recipe)
            strict_refusal = None
        except UserError as refusal:
            strict_refusal = str(refusal)
            output_type = AgentOutputSchema(Recipe, strict_json_schema=False)
        agent = Agent(
            name="Recipe reader",
            instructions="List the ingredients of the recipe with their amounts.",
            output_type=output_type,
        )
        result = await Runner.run(agent, input_text)
        ingredients = result.final_output_as(Recipe).ingredients
        return {"strict_refusal": strict_refusal, "ingredients": ingredients}
