"""Spans of agent, tool and model calls, printed as a tree or exported by OTLP: all by the worker.

The workflow only gives its trace a name. The agents plugin turns the spans of the Agents SDK into
spans of OpenTelemetry (`use_otel_instrumentation`); where these go is the worker's business, see
`telemetry.py`. A replay makes them again, with the same ids, and ends and exports none twice.
"""

from durable_agents import InvalidInput

from agents import Runner, trace
from temporalio import workflow

from tracing.pilot import pilot


@workflow.defn
class OtelExportWorkflow:
    """Answers a question about tides."""

    @workflow.run
    async def run(self, question: str) -> str:
        """Return the answer to `question`.

        Raises:
            InvalidInput: The question is empty.
        """
        if not question.strip():
            raise InvalidInput("question is empty: ask when it is high water somewhere")
        with trace("Tide question"):
            result = await Runner.run(pilot(), question)
        return result.final_output_as(str)
