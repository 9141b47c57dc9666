"""Tools of an MCP server on stdio: the worker starts it, and each call is an activity.

The server could delete files, too. The agent is shown only what reads.
"""

from durable_agents import InvalidInput

from agents import Agent, Runner
from temporalio import workflow
from temporalio.openai_agents.workflow import temporal_mcp_server

with workflow.unsafe.imports_passed_through():
    from mcp_servers.calls import CALLS, tell_the_model


@workflow.defn
class FileSystemWorkflow:
    """Answers a question from the files of a folder on the worker."""

    @workflow.run
    async def run(self, question: str) -> str:
        """Return the answer to `question`.

        Raises:
            InvalidInput: The question is empty.
        """
        if not question.strip():
            raise InvalidInput("question is empty: ask what the files say")
        files = temporal_mcp_server(
            "files",
            CALLS,
            tool_filter={"allowed_tool_names": ["list_files", "search_files", "read_file"]},
            failure_error_function=tell_the_model,
        )
        agent = Agent(
            name="File assistant",
            instructions="""
                Answer from the files alone, in one or two sentences, and name the file.
                When the files do not say it, or cannot be read, say so.
            """,
            mcp_servers=[files],
        )
        result = await Runner.run(agent, question)
        return result.final_output_as(str)
