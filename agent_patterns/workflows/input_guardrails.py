"""Input guardrails: reject a request before the main model runs, or while it runs.

A blocking guardrail saves the main model call if the request is rejected, but delays accepted ones.
A parallel guardrail adds no delay, but the main model call is paid for even if it is discarded.
"""

from durable_agents import require_text

import re

from agents import (
    Agent,
    GuardrailFunctionOutput,
    InputGuardrail,
    InputGuardrailTripwireTriggered,
    RunContextWrapper,
    Runner,
    TResponseInputItem,
)
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from agent_patterns.models import HomeworkCheck

CARD_NUMBER = re.compile(r"\b\d(?:[ -]?\d){12,18}\b")


async def no_card_number(
    context: RunContextWrapper[None], agent: Agent[None], user_input: object
) -> GuardrailFunctionOutput:
    """Reject card numbers. Code is free and instant, and no model sees the number."""
    found = CARD_NUMBER.search(str(user_input)) is not None
    refusal = "Sorry, I can't accept card numbers here. Please ask again without the number."
    return GuardrailFunctionOutput(output_info=refusal, tripwire_triggered=found)


async def no_homework(
    context: RunContextWrapper[None], agent: Agent[None], user_input: str | list[TResponseInputItem]
) -> GuardrailFunctionOutput:
    """Reject homework. Only an agent can recognize it, so this costs a model call."""
    checker = Agent(
        name="Homework checker",
        instructions="Is the user asking for help with maths homework?",
        output_type=HomeworkCheck,
    )
    check = (await Runner.run(checker, user_input)).final_output_as(HomeworkCheck)
    refusal = "Sorry, I can't do your maths homework. Can I help with anything else?"
    return GuardrailFunctionOutput(output_info=refusal, tripwire_triggered=check.is_homework)


@workflow.defn
class InputGuardrailsWorkflow:
    """Answers customers of an online shop; rejects homework and card numbers."""

    @workflow.run
    async def run(self, user_input: str, parallel: bool = False) -> str:
        """Return the answer, or a polite refusal. A guardrail that fails also fails the workflow.

        Raises:
            InvalidInput: The input is empty.
        """
        require_text(user_input, "user_input")
        agent = Agent(
            name="Support agent",
            instructions="You are a support agent for an online shop.",
            input_guardrails=[
                InputGuardrail(no_card_number, run_in_parallel=False),
                InputGuardrail(no_homework, run_in_parallel=parallel),
            ],
        )
        try:
            result = await Runner.run(agent, user_input)
        except InputGuardrailTripwireTriggered as tripwire:
            return str(tripwire.guardrail_result.output.output_info)
        return result.final_output_as(str)
