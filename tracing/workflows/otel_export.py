"""Spans of agents, tools and model calls, printed as a tree or exported over OTLP by the worker.

The workflow only names its trace. The agents plugin converts spans of the Agents SDK to
OpenTelemetry (`use_otel_instrumentation`), and `telemetry.py` sets up their export on the worker. A
replay recreates the spans under the same ids, and exports none twice.
"""

from durable_agents import require_text

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
        require_text(question, "question")
        with trace("Tide question"):
            result = await Runner.run(pilot(), question)
        return result.final_output_as(str)
