"""Run the worker of this topic: workflows, model calls, and one activity. It exports the spans."""

from durable_agents import connect, run, serve

from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import Worker

from tracing import TASK_QUEUE
from tracing.activities.tides import get_high_waters
from tracing.activity_traces import ActivityTraces
from tracing.telemetry import OTEL_OPTIONS, telemetry
from tracing.workflows.client_trace import ClientTraceWorkflow
from tracing.workflows.custom_spans import CustomSpansWorkflow
from tracing.workflows.otel_export import OtelExportWorkflow


def build_worker(client: Client) -> Worker:
    """Return the worker. Tests call this with their own client."""
    return Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=[ClientTraceWorkflow, CustomSpansWorkflow, OtelExportWorkflow],
        activities=[get_high_waters],
        interceptors=[ActivityTraces()],
        graceful_shutdown_timeout=timedelta(seconds=30),
    )


async def main() -> None:
    """Run the worker until Ctrl-C."""
    with telemetry(print_tree=True):
        await serve(build_worker(await connect(**OTEL_OPTIONS)))


if __name__ == "__main__":
    run(main)
