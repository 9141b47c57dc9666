"""Start OutputGuardrailsWorkflow and print the newsletter line."""

from durable_agents import connect, run

from uuid import uuid4

from agent_patterns import TASK_QUEUE
from agent_patterns.workflows.output_guardrails import OutputGuardrailsWorkflow


async def main(
    user_input: str = "Ada moves to Lisbon. Her new number is +351 912 345 678.",
) -> None:
    """Summarize USER_INPUT for a newsletter, without phone numbers."""
    client = await connect()
    line = await client.execute_workflow(
        OutputGuardrailsWorkflow.run,
        user_input,
        id=f"agent-patterns-output-guardrails-{uuid4().hex[:8]}",
        task_queue=TASK_QUEUE,
    )
    print(line)


if __name__ == "__main__":
    run(main)
