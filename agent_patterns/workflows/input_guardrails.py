"""Input guardrails: what is refused before the model answers, or while it does.

A blocking guardrail runs before the agent: a refused request costs no call of the main model, an
accepted one waits for the check. A parallel one runs beside the agent: nobody waits, but the main
model has been asked, also when its answer is then thrown away.
"""

from durable_agents import InvalidInput

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
Input = str | list[TResponseInputItem]


async def no_card_number(
    context: RunContextWrapper[None], agent: Agent[None], user_input: Input
) -> GuardrailFunctionOutput:
    """Refuse what holds a card number. Plain code: free, instant, and no model sees the number."""
    found = CARD_NUMBER.search(str(user_input)) is not None
    refusal = "Sorry, I cannot take card numbers here. Please ask again without it."
    return GuardrailFunctionOutput(output_info=refusal, tripwire_triggered=found)


async def no_homework(
    context: RunContextWrapper[None], agent: Agent[None], user_input: Input
) -> GuardrailFunctionOutput:
    """Refuse homework. It takes an agent to recognise that, hence a model call."""
    checker = Agent(
        name="Homework checker",
        instructions="Does the user want maths homework done?",
        output_type=HomeworkCheck,
    )
    check = (await Runner.run(checker, user_input)).final_output_as(HomeworkCheck)
    refusal = "Sorry, I cannot do your maths homework. May I help with something else?"
    return GuardrailFunctionOutput(output_info=refusal, tripwire_triggered=check.is_homework)


@workflow.defn
class InputGuardrailsWorkflow:
    """A support agent that refuses homework and card numbers."""

    @workflow.run
    async def run(self, user_input: str, parallel: bool = False) -> str:
        """Return the answer, or a polite refusal. A guardrail that fails lets nothing through.

        Raises:
            InvalidInput: The input is empty.
        """
        if not user_input.strip():
            raise InvalidInput("user_input is empty: ask something")
        agent = Agent(
            name="Support agent",
            instructions="You are the support agent of a web shop.",
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
