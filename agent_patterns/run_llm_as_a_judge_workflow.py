"""Start LLMAsAJudgeWorkflow and print the outline."""

from durable_agents import connect, run

from uuid import uuid4

from agent_patterns import TASK_QUEUE
from agent_patterns.workflows.llm_as_a_judge import LLMAsAJudgeWorkflow


async def main(msg: str = "Outline a story about a lighthouse keeper.") -> None:
    """Write the story outline that MSG asks for, and have a second agent judge it."""
    client = await connect()
    outline = await client.execute_workflow(
        LLMAsAJudgeWorkflow.run,
        msg,
        id=f"agent-patterns-llm-as-a-judge-{uuid4().hex[:8]}",
        task_queue=TASK_QUEUE,
    )
    print(outline)


if __name__ == "__main__":
    run(main)
