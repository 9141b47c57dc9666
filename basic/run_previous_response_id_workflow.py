"""Start PreviousResponseIdWorkflow and print both answers."""

from durable_agents import connect, run

from uuid import uuid4

from basic import TASK_QUEUE
from basic.workflows.previous_response_id import PreviousResponseIdWorkflow


async def main(
    first_question: str = "What is the largest country in South America?",
    follow_up_question: str = "What is the capital of that country?",
) -> None:
    """Ask FIRST_QUESTION, then FOLLOW_UP_QUESTION in the same conversation."""
    client = await connect()
    first, second = await client.execute_workflow(
        PreviousResponseIdWorkflow.run,
        args=[first_question, follow_up_question],
        id=f"basic-previous-response-id-{uuid4().hex[:8]}",
        task_queue=TASK_QUEUE,
    )
    print(first)
    print(second)


if __name__ == "__main__":
    run(main)
