"""An MCP server on stdio: the worker starts the process, and each tool call is an activity.

The server can also delete files. A tool filter offers the agent only the tools that read.
"""

from durable_agents import require_text

from agents import Agent, Runner
from temporalio import workflow
from temporalio.openai_agents.workflow import temporal_mcp_server

with workflow.unsafe.imports_passed_through():
    from mcp_servers.calls import CALL_OPTIONS, describe_failure


@workflow.defn
class FileSystemWorkflow:
    """Answers a question from the files in a folder on the worker."""

    @workflow.run
    async def run(self, question: str) -> str:
        """Return the answer to `question`.

        Raises:
            InvalidInput: The question is empty.
        """
        require_text(question, "question")
        files = temporal_mcp_server(
            "files",
            CALL_OPTIONS,
            tool_filter={"allowed_tool_names": ["list_files", "search_files", "read_file"]},
            failure_error_function=describe_failure,
        )
        agent = Agent(
            name="File assistant",
            instructions="""
                Answer from the files alone, in one or two sentences, and name the file.
                If the files do not contain the answer, or cannot be read, say so.
            """,
            mcp_servers=[files],
        )
        result = await Runner.run(agent, question)
        return result.final_output_as(str)
