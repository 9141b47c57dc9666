"""Start ReasoningContentWorkflow; print the model's reasoning and its answer."""

from durable_agents import connect, run

from uuid import uuid4

from reasoning_content import TASK_QUEUE
from reasoning_content.workflows.reasoning_content import ReasoningContentWorkflow


async def main(
    prompt: str = "A bat and a ball cost 1.10 together, the bat 1.00 more. What is the ball?",
    *,
    model: str | None = None,
) -> None:
    """Ask PROMPT. --model chat/NAME uses Chat Completions instead of Responses."""
    client = await connect()
    result = await client.execute_workflow(
        ReasoningContentWorkflow.run,
        args=[prompt, model],
        id=f"reasoning-content-{uuid4().hex[:8]}",
        task_queue=TASK_QUEUE,
    )
    print(f"Reasoning: {result.reasoning_content or '(none)'}")
    print(f"Answer: {result.regular_content}")


if __name__ == "__main__":
    run(main)
