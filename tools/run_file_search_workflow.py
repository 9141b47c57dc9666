"""Start FileSearchWorkflow; print the answer and the matching files."""

from durable_agents import connect, run

import os
from uuid import uuid4

from tools import TASK_QUEUE
from tools.workflows.file_search import FileSearchWorkflow


async def main(
    question: str = "May I bring my dog to the office?", *, vector_store_id: str = ""
) -> None:
    """Answer QUESTION from the documents in a vector store.

    The default store is OPENAI_VECTOR_STORE_ID, as printed by setup_knowledge_base.py.
    """
    client = await connect()
    answer = await client.execute_workflow(
        FileSearchWorkflow.run,
        args=[question, vector_store_id or os.environ.get("OPENAI_VECTOR_STORE_ID", "")],
        id=f"tools-file-search-{uuid4().hex[:8]}",
        task_queue=TASK_QUEUE,
    )
    print(answer)


if __name__ == "__main__":
    run(main)
