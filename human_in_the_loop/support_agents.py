"""The agents of a shop's customer support: a clerk, and a correspondent that the clerk calls."""

from durable_agents import activity_tool

from agents import Agent, RunContextWrapper, function_tool
from temporalio import workflow

from human_in_the_loop.activities.ledger import refund, send_email
from human_in_the_loop.approvals import Approvals

FREE_CENTS = 5_000
"""Refunds up to this amount, in euro cents, need no approval."""


async def exceeds_limit(
    context: RunContextWrapper[None], arguments: dict[str, object], call_id: str
) -> bool:
    """Return whether a refund needs approval. Malformed arguments do: the tool may accept them."""
    cents = arguments.get("cents")
    return not (isinstance(cents, int) and cents <= FREE_CENTS)


@function_tool(needs_approval=True)
async def issue_voucher(percent: int) -> str:
    """Issue a voucher for the next order.

    Args:
        percent: The discount, 1 to 50 percent.
    """
    # Runs in the workflow: it does no I/O, and gets randomness from `workflow`.
    if not 1 <= percent <= 50:
        return f"issue_voucher was not done: {percent} percent is not 1 to 50"
    return f"Voucher {workflow.uuid4().hex[:8].upper()} takes {percent}% off the next order."


def build_clerk(approvals: Approvals) -> Agent[None]:
    """Return the clerk. Its tools, and those of the agent that it calls, ask for approval."""
    correspondent = Agent[None](
        name="Correspondent",
        instructions="""
            Write the email that you are asked for, short and friendly, and send it with your tool.
            If the tool was rejected, do not try again: say why the email was not sent.
        """,
        tools=[approvals.editable(activity_tool(send_email, needs_approval=True))],
    )
    return Agent[None](
        name="Clerk",
        instructions="""
            You handle requests about a shop's orders with your tools. Call the tools that you
            need at once, in parallel; write to the customer last.
            People decide on some of your calls. If one was rejected or changed, accept that:
            do not try it again, and say in your answer what was done and what was not.
        """,
        tools=[
            approvals.editable(activity_tool(refund, needs_approval=exceeds_limit)),
            approvals.editable(issue_voucher),
            correspondent.as_tool("write_to_customer", "Have an email written and sent."),
        ],
    )
