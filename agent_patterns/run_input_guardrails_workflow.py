"""Start InputGuardrailsWorkflow in both modes; print each answer and its model calls."""

from durable_agents import connect, run

from uuid import uuid4

from temporalio.client import Client

from agent_patterns import TASK_QUEUE
from agent_patterns.workflows.input_guardrails import InputGuardrailsWorkflow


async def ask(client: Client, user_input: str, *, parallel: bool) -> None:
    """Run the workflow once. In this workflow, every activity is a model call."""
    handle = await client.start_workflow(
        InputGuardrailsWorkflow.run,
        args=[user_input, parallel],
        id=f"agent-patterns-input-guardrails-{uuid4().hex[:8]}",
        task_queue=TASK_QUEUE,
    )
    answer = await handle.result()
    events = (await handle.fetch_history()).events
    calls = sum(event.HasField("activity_task_scheduled_event_attributes") for event in events)
    print(f"{'parallel' if parallel else 'blocking'}: {answer}")
    print(f"  model calls: {calls}")


async def main(user_input: str = "Can you help me solve for x: 2x + 5 = 11?") -> None:
    """Ask USER_INPUT twice: with a blocking guardrail, then with a parallel one."""
    client = await connect()
    await ask(client, user_input, parallel=False)
    await ask(client, user_input, parallel=True)


if __name__ == "__main__":
    run(main)
