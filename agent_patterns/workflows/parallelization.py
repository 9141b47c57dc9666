"""Three agents side by side and a picker: a branch that fails is left out, not fatal."""

from durable_agents import InvalidInput, root_cause

import asyncio

from agents import Agent, AgentsException, ModelBehaviorError, Runner
from temporalio import workflow
from temporalio.exceptions import ApplicationError, FailureError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from agent_patterns.models import Choice

STYLES = ("literal", "idiomatic", "formal")


async def translate(msg: str, style: str) -> str | Exception:
    """Return a translation, or the error that ended this branch."""
    agent = Agent(
        name=f"{style.capitalize()} translator",
        instructions=f"Translate the user's message to Spanish, in a {style} style.",
    )
    try:
        return (await Runner.run(agent, msg)).final_output_as(str)
    except (FailureError, AgentsException) as error:
        if is_cancelled_exception(error):  # a cancelled workflow is not a failed branch
            raise
        return error


@workflow.defn
class ParallelizationWorkflow:
    """Translates a message three times and keeps the best."""

    @workflow.run
    async def run(self, msg: str) -> str:
        """Return the best translation of `msg`, and how many were left out.

        Raises:
            InvalidInput: The message is empty.
            ApplicationError: Of type `AllBranchesFailed`.
        """
        if not msg.strip():
            raise InvalidInput("msg is empty: say what is to be translated")
        results = await asyncio.gather(*(translate(msg, style) for style in STYLES))
        errors = [result for result in results if isinstance(result, Exception)]
        options = [result for result in results if isinstance(result, str)]
        if not options:
            causes = "; ".join(str(root_cause(error)) for error in errors)
            message = f"All {len(STYLES)} translations failed: {causes}"
            raise ApplicationError(message, type="AllBranchesFailed") from errors[0]
        best = await pick(options)
        left_out = f"\n({len(errors)} of {len(STYLES)} translations failed.)" if errors else ""
        return best + left_out


async def pick(options: list[str]) -> str:
    """Return the best option, word for word: the picker names a number, it retypes nothing."""
    agent = Agent(
        name="Translation picker",
        instructions="Pick the best of the numbered Spanish translations.",
        output_type=Choice,
    )
    numbered = "\n".join(f"{number}. {option}" for number, option in enumerate(options, start=1))
    choice = (await Runner.run(agent, numbered)).final_output_as(Choice)
    if choice.number > len(options):
        raise ModelBehaviorError(f"Option {choice.number} of {len(options)} was picked")
    return options[choice.number - 1]
