"""Output types that strict schema mode rejects, and how to use them without it.

In strict mode the model API guarantees that the output matches the schema, so it accepts only
schemas that list every key. The keys of `Recipe.ingredients` are not known in advance: strict mode
rejects the type before any call. In non-strict mode the API does not enforce the schema; the Agents
SDK still validates the output, and an invalid one fails the workflow with `ModelBehaviorError`.
Prefer strict mode if a list of pairs would do.
"""

from durable_agents import require_text

from agents import Agent, AgentOutputSchema, Runner, UserError
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from basic.models import Recipe


@workflow.defn
class NonStrictOutputWorkflow:
    """Extracts ingredients from a text."""

    @workflow.run
    async def run(self, input_text: str) -> dict[str, object]:
        """Return the ingredients in `input_text`, and why strict mode rejects their type.

        The keys are `strict_refusal`, the SDK's message, and `ingredients`, amounts by name.

        Raises:
            InvalidInput: The text is empty.
        """
        require_text(input_text, "input_text")
        try:
            output_type = AgentOutputSchema(Recipe)
            strict_refusal = None
        except UserError as error:
            strict_refusal = str(error)
            output_type = AgentOutputSchema(Recipe, strict_json_schema=False)
        agent = Agent(
            name="Recipe reader",
            instructions="List the ingredients of the recipe with their amounts.",
            output_type=output_type,
        )
        result = await Runner.run(agent, input_text)
        ingredients = result.final_output_as(Recipe).ingredients
        return {"strict_refusal": strict_refusal, "ingredients": ingredients}
