"""Traces every activity attempt, on whichever worker it runs."""

from durable_agents import root_cause

from agents.tracing import get_trace_provider
from agents.tracing.scope import Scope
from opentelemetry.trace import get_current_span
from temporalio import activity
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor


class ActivityTraces(Interceptor):
    """Gives each activity attempt a span, below the span in the workflow that called it.

    OpenInference drops the spans of a trace whose start it has not seen. An activity's trace starts
    in its workflow, which may run on another worker, may have run in a process that crashed, or may
    have been evicted from this worker's cache. Its model call would then be missing. So each
    attempt starts its own trace of the Agents SDK. In OpenTelemetry it still belongs to the
    workflow's trace: the agents plugin propagates the ids, and new spans use them as their parent.
    """

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        """Return the interceptor that wraps each attempt, inside the agents plugin's own."""
        return _Traced(next)


class _Traced(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> object:
        info = activity.info()
        Scope.set_current_span(None)  # the workflow's span, which this process may not have seen
        with get_trace_provider().create_trace(info.activity_type):
            span = get_current_span()
            span.set_attributes(
                {
                    "openinference.span.kind": "CHAIN",
                    "temporal.attempt": info.attempt,
                    "temporal.workflow_id": info.workflow_id or "",
                }
            )
            try:
                return await super().execute_activity(input)
            except Exception as error:
                # Only the type: the message may quote the user or the model.
                span.add_event("exception", {"exception.type": root_cause(error).type})
                raise
