"""Custom steps in the tree: OpenTelemetry spans in a workflow, bridged by `custom_span`.

- A direct OpenTelemetry span has custom attributes, and an exception marks it as failed. It is the
  parent of activities and other direct spans, but not of agents: agent spans only accept parents
  from the Agents SDK.
- `custom_span` opens a span of the Agents SDK, which is exported as an OpenTelemetry span. It is
  the parent of both kinds; here it contains the lookup and the agent run.

`opentelemetry` is passed through the sandbox. The sandbox would otherwise import a second copy
without the worker's exporters, and its spans would be lost silently.
"""

from durable_agents import InvalidInput

from datetime import timedelta

from agents import Agent, Runner, custom_span, trace
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from opentelemetry.trace import get_tracer

    from tracing.activities.tides import get_high_waters
    from tracing.harbors import HIGH_WATERS, harbors_in


@workflow.defn
class CustomSpansWorkflow:
    """Looks up the tides in an activity, and compares them with an agent."""

    @workflow.run
    async def run(self, question: str) -> str:
        """Return the answer to `question`.

        Raises:
            InvalidInput: The question names no known harbor.
        """
        with trace("Tide comparison"), custom_span("Compare"):
            facts = await self._look_up(question)
            agent = Agent(
                name="Comparer",
                instructions="Answer from the tides that follow the question, in one sentence.",
            )
            result = await Runner.run(agent, f"{question}\n\nTides:\n{facts}")
        return result.final_output_as(str)

    async def _look_up(self, question: str) -> str:
        with get_tracer(__name__).start_as_current_span("look up") as span:
            harbors = harbors_in(question)
            span.set_attribute("harbors", harbors)
            if not harbors:
                raise InvalidInput(f"question names none of {', '.join(HIGH_WATERS)}")
            timeout = timedelta(seconds=10)
            lines = [
                await workflow.execute_activity(
                    get_high_waters, harbor, start_to_close_timeout=timeout
                )
                for harbor in harbors
            ]
            return "\n".join(lines)
