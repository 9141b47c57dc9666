"""Start DeterministicWorkflow; print the story, or why there is none."""

from durable_agents import connect, run

from uuid import uuid4

from agent_patterns import TASK_QUEUE
from agent_patterns.workflows.deterministic import DeterministicWorkflow


async def main(input_prompt: str = "Write a short science fiction story.") -> None:
    """Write the science fiction story that INPUT_PROMPT asks for."""
    client = await connect()
    story = await client.execute_workflow(
        DeterministicWorkflow.run,
        input_prompt,
        id=f"agent-patterns-deterministic-{uuid4().hex[:8]}",
        task_queue=TASK_QUEUE,
    )
    print(story)


if __name__ == "__main__":
    run(main)
