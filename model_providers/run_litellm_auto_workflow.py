"""Start LitellmAutoWorkflow and print the answer."""

from durable_agents import connect, run

from uuid import uuid4

from model_providers import TASK_QUEUE
from model_providers.workflows.litellm_auto import LitellmAutoWorkflow


async def main(prompt: str = "Why is the sky blue?", *, model: str = "openai/gpt-5-mini") -> None:
    """Ask any LiteLLM model, for example --model anthropic/claude-sonnet-4-5."""
    client = await connect()
    answer = await client.execute_workflow(
        LitellmAutoWorkflow.run,
        args=[prompt, model],
        id=f"model-providers-litellm-auto-{uuid4().hex[:8]}",
        task_queue=TASK_QUEUE,
    )
    print(answer)


if __name__ == "__main__":
    run(main)
