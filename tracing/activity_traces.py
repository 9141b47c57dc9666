"""Has the spans of activities recorded wherever an activity runs."""

from durable_agents import root_cause

from agents.tracing import get_trace_provider
from agents.tracing.scope import Scope
from opentelemetry.trace import get_current_span
from temporalio import activity
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor


class ActivityTraces(Interceptor):
    """Gives each attempt of an activity a span, below the one in the workflow that called it.

    OpenInference drops the spans of a trace that it has not seen begin. An activity's trace began
    in its workflow: on another worker perhaps, or in a process that is dead, or here but no longer
    in the cache. Its model call would be missing, now and then. So each attempt begins a trace of
    the Agents SDK of its own. In OpenTelemetry it still belongs to the workflow's: the agents
    plugin has sent the ids along, and they are what a new span finds as its parent.
    """

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        """Return the part that runs around each attempt, inside the agents plugin's own."""
        return _Traced(next)


class _Traced(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> object:
        info = activity.info()
        Scope.set_current_span(None)  # the workflow's: it may be unknown here
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
                # Its type alone: a message may quote what people said.
                span.add_event("exception", {"exception.type": root_cause(error).type})
                raise
