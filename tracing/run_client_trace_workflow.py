"""Start ClientTraceWorkflow in a span; print the notice and the trace id.

The span is an OpenTelemetry span. A `trace` of the Agents SDK would start in this process, and
OpenInference on the worker drops the spans of a trace whose start it has not seen.
"""

from durable_agents import connect, run

from uuid import uuid4

from opentelemetry.trace import format_trace_id, get_tracer

from tracing import TASK_QUEUE
from tracing.telemetry import OTEL_OPTIONS, telemetry
from tracing.workflows.client_trace import ClientTraceWorkflow


async def main(question: str = "When is high water in Bergen today?") -> None:
    """Write a notice that answers QUESTION."""
    with telemetry():
        client = await connect(**OTEL_OPTIONS)
        with get_tracer(__name__).start_as_current_span("A user asks") as span:
            notice = await client.execute_workflow(
                ClientTraceWorkflow.run,
                question,
                id=f"tracing-client-trace-{uuid4().hex[:8]}",
                task_queue=TASK_QUEUE,
            )
    print(notice)
    print(f"Trace {format_trace_id(span.get_span_context().trace_id)}")


if __name__ == "__main__":
    run(main)
