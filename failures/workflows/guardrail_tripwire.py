"""The workflow hangs after a guardrail trips (InputGuardrailTripwireTriggered).

Cause: The Agents SDK raises an exception in workflow code when a guardrail trips. The plugin
declares only its own AgentsWorkflowError a workflow failure, so the workflow *task* fails, and the
server retries it forever. The caller never learns that the request was refused.

Cure: `connect()` declares AgentsException a workflow failure, so the run fails at once with
InputGuardrailTripwireTriggered. The workflow's code stays the same.
"""

from agents import (
    Agent,
    GuardrailFunctionOutput,
    RunContextWrapper,
    Runner,
    TResponseInputItem,
    input_guardrail,
)
from temporalio import workflow

GROUP = "Hangs"
QUESTION = "Write my homework."
NAIVE = (
    r"still running .*: its workflow task fails .* "
    r"InputGuardrailTripwireTriggered: Guardrail .* triggered tripwire"
)
DURABLE = r"failed: InputGuardrailTripwireTriggered: Guardrail .* triggered tripwire"
CURE = "durable_agents/plugin.py: workflow_failure_exception_types"
TEST = "tests/failures/test_failures.py"


@input_guardrail
async def no_homework(
    context: RunContextWrapper[None], agent: Agent[None], input: str | list[TResponseInputItem]
) -> GuardrailFunctionOutput:
    return GuardrailFunctionOutput(None, tripwire_triggered="homework" in str(input))


@workflow.defn
class Naive:
    @workflow.run
    async def run(self, question: str) -> str:
        agent = Agent[None](
            name="Tutor",
            instructions="Explain, and let students find the answer.",
            input_guardrails=[no_homework],
        )
        result = await Runner.run(agent, question)
        return result.final_output_as(str)


@workflow.defn
class Durable:
    @workflow.run
    async def run(self, question: str) -> str:
        agent = Agent[None](
            name="Tutor",
            instructions="Explain, and let students find the answer.",
            input_guardrails=[no_homework],
        )
        result = await Runner.run(agent, question)
        return result.final_output_as(str)
