"""Start MessageFilterWorkflow; print the answer and what the second agent saw."""

from durable_agents import connect, run

from uuid import uuid4

from handoffs import TASK_QUEUE
from handoffs.workflows.message_filter import MessageFilterWorkflow


async def main(user_name: str = "Sora") -> None:
    """Chat as USER_NAME. The input filter hides the name from the second agent."""
    client = await connect()
    result = await client.execute_workflow(
        MessageFilterWorkflow.run,
        user_name,
        id=f"handoffs-message-filter-{uuid4().hex[:8]}",
        task_queue=TASK_QUEUE,
    )
    print(f"Answer: {result.final_output}")
    print("\nThe conversation as the second agent saw it:")
    for message in result.final_messages:
        print(f"  {message.role}: {message.content}")


if __name__ == "__main__":
    run(main)
