"""Start WebSearchWorkflow; print the answer and its sources."""

from durable_agents import connect, run

from uuid import uuid4

from tools import TASK_QUEUE
from tools.workflows.web_search import WebSearchWorkflow


async def main(
    question: str = "Which bridge near me is the oldest still in use?", user_city: str = "New York"
) -> None:
    """Answer QUESTION from the web, searching from USER_CITY."""
    client = await connect()
    answer = await client.execute_workflow(
        WebSearchWorkflow.run,
        args=[question, user_city],
        id=f"tools-web-search-{uuid4().hex[:8]}",
        task_queue=TASK_QUEUE,
    )
    print(answer)


if __name__ == "__main__":
    run(main)
