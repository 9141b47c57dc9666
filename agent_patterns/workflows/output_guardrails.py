"""Output guardrails: check the answer, and redact it before it leaves the workflow."""

from durable_agents import require_text

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
    """Block an answer that contains a phone number, and provide a redacted one.

    `output_info` is part of the exception, which may be logged: it must not contain the number.
    """
    redacted, found = PHONE_NUMBER.subn("[number removed]", str(output))
    return GuardrailFunctionOutput(output_info=redacted, tripwire_triggered=found > 0)


@workflow.defn
class OutputGuardrailsWorkflow:
    """Writes a line for a public newsletter."""

    @workflow.run
    async def run(self, user_input: str) -> str:
        """Return a sentence that summarizes `user_input`, without phone numbers.

        Raises:
            InvalidInput: The input is empty.
        """
        require_text(user_input, "user_input")
        agent = Agent(
            name="Newsletter editor",
            instructions="Summarize the news for our newsletter in one sentence.",
            output_guardrails=[OutputGuardrail(no_phone_number)],
        )
        try:
            result = await Runner.run(agent, user_input)
        except OutputGuardrailTripwireTriggered as tripwire:
            return str(tripwire.guardrail_result.output.output_info)
        return result.final_output_as(str)
