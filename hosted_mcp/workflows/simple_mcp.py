"""Tools of a remote MCP server, called by the model's provider, with a secret that only it sees.

The workflow records a reference to the credential; the worker replaces it as it calls the model.
"""

from durable_agents import InvalidInput

from agents import Agent, HostedMCPTool, Runner
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from hosted_mcp.servers import mcp_server


@workflow.defn
class SimpleMCPWorkflow:
    """Answers a question with the tools of an MCP server that is trusted with all of them."""

    @workflow.run
    async def run(self, question: str, server_url: str) -> str:
        """Return the answer to `question`.

        Raises:
            InvalidInput: The question is empty, or the address is not an https one.
        """
        if not question.strip():
            raise InvalidInput("question is empty: ask what the server's tools can find out")
        server = mcp_server(server_url)
        # Reading tools alone, by name: what is not listed can neither be called nor be added.
        server["allowed_tools"] = ["search_issues", "search_code", "list_releases"]
        server["require_approval"] = "never"
        agent = Agent(
            name="GitHub assistant",
            instructions="Answer with the help of the MCP server, in one or two sentences.",
            tools=[HostedMCPTool(tool_config=server)],
        )
        result = await Runner.run(agent, question)
        return result.final_output_as(str)
