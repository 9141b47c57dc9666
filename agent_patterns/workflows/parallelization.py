"""Parallel agents and a picker: a branch that fails is dropped, not fatal."""

from durable_agents import require_text, root_cause

import asyncio

from agents import Agent, AgentsException, ModelBehaviorError, Runner
from temporalio import workflow
from temporalio.exceptions import ApplicationError, FailureError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from agent_patterns.models import Choice

STYLES = ("literal", "idiomatic", "formal")


async def translate(msg: str, style: str) -> str | Exception:
    """Return a translation, or the error that this branch failed with."""
    agent = Agent(
        name=f"{style.capitalize()} translator",
        instructions=f"Translate the user's message to Spanish, in a {style} style.",
    )
    try:
        return (await Runner.run(agent, msg)).final_output_as(str)
    except (FailureError, AgentsException) as error:
        if is_cancelled_exception(error):  # the workflow was cancelled; the branch did not fail
            raise
        return error


@workflow.defn
class ParallelizationWorkflow:
    """Translates a message in three styles, and returns the best translation."""

    @workflow.run
    async def run(self, msg: str) -> str:
        """Return the best translation of `msg`, and the number of failed ones, if any.

        Raises:
            InvalidInput: The message is empty.
            ApplicationError: All translations failed. The type is `AllBranchesFailed`.
        """
        require_text(msg, "msg")
        results = await asyncio.gather(*(translate(msg, style) for style in STYLES))
        errors = [result for result in results if isinstance(result, Exception)]
        options = [result for result in results if isinstance(result, str)]
        if not options:
            causes = "; ".join(str(root_cause(error)) for error in errors)
            message = f"All {len(STYLES)} translations failed: {causes}"
            raise ApplicationError(message, type="AllBranchesFailed") from errors[0]
        best = await pick(options)
        dropped = f"\n({len(errors)} of {len(STYLES)} translations failed.)" if errors else ""
        return best + dropped


async def pick(options: list[str]) -> str:
    """Return the best option verbatim: the picker returns only its number."""
    agent = Agent(
        name="Translation picker",
        instructions="Pick the best of the numbered Spanish translations.",
        output_type=Choice,
    )
    numbered = "\n".join(f"{number}. {option}" for number, option in enumerate(options, start=1))
    choice = (await Runner.run(agent, numbered)).final_output_as(Choice)
    if choice.number > len(options):
        raise ModelBehaviorError(f"The picker chose option {choice.number} of {len(options)}")
    return options[choice.number - 1]
