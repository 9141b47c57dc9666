"""`AgentEnvironment`, the agents plugin's test environment: scripted answers, and spans.

Other tests use `ScriptedModel`, which also records the model's inputs.
"""

from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from temporalio.openai_agents.testing import AgentEnvironment, ResponseBuilders, TestModel
from temporalio.testing import WorkflowEnvironment

from tests.harness.workers import model_params
from tests.tracing.outline import outline
from tests.tracing.test_otel_export import TREE
from tracing import TASK_QUEUE
from tracing.run_worker import build_worker
from tracing.workflows.otel_export import OtelExportWorkflow


async def test_agent_environment_scripts_the_model_and_exports_spans(
    temporal: WorkflowEnvironment, exported: InMemorySpanExporter
) -> None:
    model = TestModel.returning_responses(
        [
            ResponseBuilders.tool_call('{"harbor": "Bergen"}', "get_high_waters"),
            ResponseBuilders.output_message("At ten past one."),
        ]
    )
    async with AgentEnvironment(
        model=model,
        model_params=model_params(),
        use_otel_instrumentation=True,
        add_temporal_spans=False,
    ) as environment:
        client = environment.applied_on_client(temporal.client)
        async with build_worker(client):
            answer = await client.execute_workflow(
                OtelExportWorkflow.run, "When?", id="in-an-environment", task_queue=TASK_QUEUE
            )
    assert answer == "At ten past one."
    assert outline(exported.get_finished_spans()) == TREE.splitlines()
