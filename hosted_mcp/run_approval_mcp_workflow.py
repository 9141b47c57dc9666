"""Starts ApprovalMCPWorkflow, asks you about each call of a tool, and prints the answer."""

from durable_agents import connect, run

import asyncio
from datetime import timedelta
from typing import Annotated
from uuid import uuid4

from typer import Option

from hosted_mcp import PLUGIN_OPTIONS, TASK_QUEUE
from hosted_mcp.terminal import decide_pending
from hosted_mcp.workflows.approval_mcp import ApprovalMCPWorkflow

YEAR = 365 * 24 * 3600


async def main(
    question: str = "How does the sandbox of temporalio/sdk-python treat imports?",
    server_url: str = "https://gitmcp.io/temporalio/sdk-python",
    *,
    approve: Annotated[bool | None, Option("--approve/--reject")] = None,
    by: Annotated[str | None, Option(envvar=["USER", "USERNAME"], help="Who decides.")] = None,
    decision_timeout: Annotated[int, Option(min=1, max=YEAR, help="In seconds.")] = 300,
) -> None:
    """Ask what an MCP server can find out, deciding on each call; unasked, none is allowed."""
    client = await connect(**PLUGIN_OPTIONS)
    handle = await client.start_workflow(
        ApprovalMCPWorkflow.run,
        args=[question, server_url, timedelta(seconds=decision_timeout)],
        id=f"hosted-mcp-approval-mcp-{uuid4().hex[:8]}",
        task_queue=TASK_QUEUE,
    )
    answer = asyncio.ensure_future(handle.result())
    while not (await asyncio.wait([answer], timeout=0.2))[0]:
        await decide_pending(handle, approve, by)
    print(await answer)


if __name__ == "__main__":
    run(main)
