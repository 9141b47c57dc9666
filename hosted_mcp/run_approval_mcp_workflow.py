"""Start ApprovalMCPWorkflow, ask for a decision on each tool call, and print the answer."""

from durable_agents import connect, run

from datetime import timedelta
from typing import Annotated
from uuid import uuid4

from typer import Option

from hosted_mcp import PLUGIN_OPTIONS, TASK_QUEUE
from hosted_mcp.terminal import decide_until_done
from hosted_mcp.workflows.approval_mcp import ApprovalMCPWorkflow

YEAR = 365 * 24 * 3600


async def main(
    question: str = "How does the sandbox of temporalio/sdk-python treat imports?",
    server_url: str = "https://gitmcp.io/temporalio/sdk-python",
    *,
    approve: Annotated[
        bool | None, Option("--approve/--reject", help="Decide without asking.")
    ] = None,
    by: Annotated[str | None, Option(envvar=["USER", "USERNAME"], help="Your name.")] = None,
    decision_timeout: Annotated[int, Option(min=1, max=YEAR, help="In seconds.")] = 300,
) -> None:
    """Answer QUESTION with the MCP server at SERVER_URL. Without a terminal, reject every call."""
    client = await connect(**PLUGIN_OPTIONS)
    handle = await client.start_workflow(
        ApprovalMCPWorkflow.run,
        args=[question, server_url, timedelta(seconds=decision_timeout)],
        id=f"hosted-mcp-approval-mcp-{uuid4().hex[:8]}",
        task_queue=TASK_QUEUE,
    )
    print(await decide_until_done(handle, approve, by))


if __name__ == "__main__":
    run(main)
