"""Start DynamicSystemPromptWorkflow and print the answer."""

from durable_agents import connect, run

from uuid import uuid4

from basic import TASK_QUEUE
from basic.workflows.dynamic_system_prompt import DynamicSystemPromptWorkflow


async def main(user_message: str = "Tell me a joke.", style: str | None = None) -> None:
    """Answer USER_MESSAGE in STYLE: haiku, pirate, or robot. The default is a random style."""
    client = await connect()
    answer = await client.execute_workflow(
        DynamicSystemPromptWorkflow.run,
        args=[user_message, style],
        id=f"basic-dynamic-system-prompt-{uuid4().hex[:8]}",
        task_queue=TASK_QUEUE,
    )
    print(answer)


if __name__ == "__main__":
    run(main)
