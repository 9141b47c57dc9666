"""Run the worker of this topic: workflows and model calls."""

from durable_agents import connect, run, serve

from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import Worker

from agent_patterns import TASK_QUEUE
from agent_patterns.workflows.agents_as_tools import AgentsAsToolsWorkflow
from agent_patterns.workflows.deterministic import DeterministicWorkflow
from agent_patterns.workflows.forcing_tool_use import ForcingToolUseWorkflow
from agent_patterns.workflows.input_guardrails import InputGuardrailsWorkflow
from agent_patterns.workflows.llm_as_a_judge import LLMAsAJudgeWorkflow
from agent_patterns.workflows.output_guardrails import OutputGuardrailsWorkflow
from agent_patterns.workflows.parallelization import ParallelizationWorkflow
from agent_patterns.workflows.routing import RoutingWorkflow


def build_worker(client: Client) -> Worker:
    """Return the worker. Tests call this with their own client."""
    return Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=[
            AgentsAsToolsWorkflow,
            DeterministicWorkflow,
            ForcingToolUseWorkflow,
            InputGuardrailsWorkflow,
            LLMAsAJudgeWorkflow,
            OutputGuardrailsWorkflow,
            ParallelizationWorkflow,
            RoutingWorkflow,
        ],
        graceful_shutdown_timeout=timedelta(seconds=30),
    )


async def main() -> None:
    """Run the worker until Ctrl-C."""
    await serve(build_worker(await connect()))


if __name__ == "__main__":
    run(main)
