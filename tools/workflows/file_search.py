"""File search: answer from your own documents in a vector store, and list the matching files."""

from durable_agents import require_text

from datetime import timedelta

from agents import Agent, FileSearchTool, Runner, RunResult
from openai.types.responses import ResponseFileSearchToolCall
from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from tools.activities.knowledge_base import check_knowledge_base


def matching_files(result: RunResult) -> dict[str, float]:
    """Return the files that the searches of a run matched, each with its best score."""
    items = [item.raw_item for item in result.new_items]
    searches = [item for item in items if isinstance(item, ResponseFileSearchToolCall)]
    scores: dict[str, float] = {}
    for match in [match for search in searches for match in search.results or []]:
        name = match.filename or "?"
        scores[name] = max(scores.get(name, 0.0), match.score or 0.0)
    return scores


@workflow.defn
class FileSearchWorkflow:
    """Answers a question from the documents in a vector store."""

    @workflow.run
    async def run(self, question: str, vector_store_id: str) -> str:
        """Return the answer to `question`, with the names of the matching files.

        Raises:
            InvalidInput: The question is empty.
            ActivityError: Caused by `InvalidInput` if the store is missing, expired, or empty.
        """
        require_text(question, "question")
        await workflow.execute_activity(
            check_knowledge_base,
            vector_store_id,
            start_to_close_timeout=timedelta(seconds=30),
            retry_policy=RetryPolicy(
                maximum_attempts=5,
                non_retryable_error_types=["AuthenticationError", "PermissionDeniedError"],
            ),
        )
        agent = Agent(
            name="Librarian",
            instructions="""
                Answer only from the documents. If they do not contain the answer, say so.
            """,
            tools=[
                # The API includes the results, with their file names, only on request.
                FileSearchTool([vector_store_id], max_num_results=3, include_search_results=True)
            ],
        )
        result = await Runner.run(agent, question)
        names = [f"- {name} ({score:.2f})" for name, score in matching_files(result).items()]
        files = "\n".join(["Found in:", *names]) if names else "Found in: no file"
        return f"{result.final_output_as(str)}\n\n{files}"
