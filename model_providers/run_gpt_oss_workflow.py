"""Start GptOssWorkflow and print the local model's answer."""

from durable_agents import connect, run

from uuid import uuid4

from model_providers import TASK_QUEUE
from model_providers.workflows.gpt_oss import GptOssWorkflow


async def main(prompt: str = "When do I have to be at the dentist's?") -> None:
    """Ask a local model about the diary in model_providers/data."""
    client = await connect()
    answer = await client.execute_workflow(
        GptOssWorkflow.run,
        prompt,
        id=f"model-providers-gpt-oss-{uuid4().hex[:8]}",
        task_queue=TASK_QUEUE,
    )
    print(answer)


if __name__ == "__main__":
    run(main)
