"""Start SimpleMCPWorkflow and print the answer."""

from durable_agents import connect, run

from uuid import uuid4

from hosted_mcp import PLUGIN_OPTIONS, TASK_QUEUE
from hosted_mcp.workflows.simple_mcp import SimpleMCPWorkflow


async def main(
    question: str = "Which open issues of temporalio/sdk-python are about crashes at exit?",
    server_url: str = "https://api.githubcopilot.com/mcp/",
) -> None:
    """Answer QUESTION with the tools of the MCP server at SERVER_URL.

    Calls to GitHub's server are authorized by GITHUB_MCP_TOKEN, set on the worker.
    """
    client = await connect(**PLUGIN_OPTIONS)
    answer = await client.execute_workflow(
        SimpleMCPWorkflow.run,
        args=[question, server_url],
        id=f"hosted-mcp-simple-mcp-{uuid4().hex[:8]}",
        task_queue=TASK_QUEUE,
    )
    print(answer)


if __name__ == "__main__":
    run(main)
