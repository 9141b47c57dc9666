"""Output guardrails: the answer is checked before anyone sees it, and redacted."""

from durable_agents import InvalidInput

import re

from agents import (
    Agent,
    GuardrailFunctionOutput,
    OutputGuardrail,
    OutputGuardrailTripwireTriggered,
    RunContextWrapper,
    Runner,
)
from temporalio import workflow

PHONE_NUMBER = re.compile(r"\+?\(?\d(?:[ ()/.-]{0,2}\d){6,}")


async def no_phone_number(
    context: RunContextWrapper[None], agent: Agent[None], output: object
) -> GuardrailFunctionOutput:
    """Stop an answer with a phone number; pass on what is left of it.

    `output_info` travels with the exception, into whatever catches it or logs it: no secrets there.
    """
    redacted, found = PHONE_NUMBER.subn("[number removed]", str(output))
    return GuardrailFunctionOutput(output_info=redacted, tripwire_triggered=found > 0)


@workflow.defn
class OutputGuardrailsWorkflow:
    """Writes lines for a newsletter that everybody reads."""

    @workflow.run
    async def run(self, user_input: str) -> str:
        """Return a line about `user_input`, without phone numbers.

        Raises:
            InvalidInput: The input is empty.
        """
        if not user_input.strip():
            raise InvalidInput("user_input is empty: say what the newsletter is to tell")
        agent = Agent(
            name="Newsletter editor",
            instructions="Sum the news up for our newsletter, in one sentence.",
            output_guardrails=[OutputGuardrail(no_phone_number)],
        )
        try:
            result = await Runner.run(agent, user_input)
        except OutputGuardrailTripwireTriggered as tripwire:
            return str(tripwire.guardrail_result.output.output_info)
        return result.final_output_as(str)
