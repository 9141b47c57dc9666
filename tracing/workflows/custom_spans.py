"""Steps of your own in the tree: OpenTelemetry spans in a workflow, bridged by `custom_span`.

- A span of OpenTelemetry, opened directly, has attributes of your own, and what fails in it marks
  it as failed. It is the parent of activities and of other direct spans, but not of agents: their
  spans look for a parent among those of the Agents SDK alone.
- `custom_span` opens a span of the Agents SDK, which becomes one of OpenTelemetry, too. It is the
  parent of both kinds, so it bridges them: here it holds the lookup and the agent's run together.

`opentelemetry` is passed through the sandbox. Imported inside it, it would be a second copy, which
knows nothing of the worker's exporters, and its spans would be lost without a word.
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
    """Looks the tides up itself, and has an agent compare them."""

    @workflow.run
    async def run(self, question: str) -> str:
        """Return the answer to `question`.

        Raises:
            InvalidInput: The question names no harbor of the table.
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
            limit = timedelta(seconds=10)
            lines = [
                await workflow.execute_activity(
                    get_high_waters, harbor, start_to_close_timeout=limit
                )
                for harbor in harbors
            ]
            return "\n".join(lines)
