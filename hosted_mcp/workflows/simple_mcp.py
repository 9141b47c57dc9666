"""Call a remote MCP server through the model provider, without a credential in the history.

The workflow records a reference to the credential; the worker resolves it for each model call.
"""

from durable_agents import require_text

from agents import Agent, HostedMCPTool, Runner
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from hosted_mcp.servers import mcp_server


@workflow.defn
class SimpleMCPWorkflow:
    """Answers a question with the read-only tools of an MCP server, without asking for approval."""

    @workflow.run
    async def run(self, question: str, server_url: str) -> str:
        """Return the answer to `question`.

        Raises:
            InvalidInput: The question is empty, or `server_url` is not an https URL.
        """
        require_text(question, "question")
        server = mcp_server(server_url)
        # Allow only these read-only tools, even if the server adds others.
        server["allowed_tools"] = ["search_issues", "search_code", "list_releases"]
        server["require_approval"] = "never"
        agent = Agent(
            name="GitHub assistant",
            instructions="Answer with the help of the MCP server, in one or two sentences.",
            tools=[HostedMCPTool(tool_config=server)],
        )
        result = await Runner.run(agent, question)
        return result.final_output_as(str)
