"""Start CodeInterpreterWorkflow; print the answer and the code behind it."""

from durable_agents import connect, run

from uuid import uuid4

from tools import TASK_QUEUE
from tools.workflows.code_interpreter import CodeInterpreterWorkflow

RENT = "The rent is 1,250 a month and rises by 3 % each year. What do I pay in 5 years?"


async def main(question: str = RENT) -> None:
    """Answer QUESTION by running Python code at the model provider."""
    client = await connect()
    answer = await client.execute_workflow(
        CodeInterpreterWorkflow.run,
        question,
        id=f"tools-code-interpreter-{uuid4().hex[:8]}",
        task_queue=TASK_QUEUE,
    )
    print(answer)


if __name__ == "__main__":
    run(main)
