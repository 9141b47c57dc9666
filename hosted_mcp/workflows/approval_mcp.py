"""A person decides on each call of a remote tool: the workflow waits durably, for minutes or days.

Nothing runs while it waits: workers may restart. No decision in time counts as a rejection.
"""

from durable_agents import InvalidInput

from datetime import timedelta

from agents import Agent, HostedMCPTool, Runner
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from hosted_mcp.approvals import TIMEOUT, Approvals
    from hosted_mcp.models import PendingApproval
    from hosted_mcp.servers import mcp_server


@workflow.defn
class ApprovalMCPWorkflow:
    """Answers a question with tools that a person lets it call, one call at a time."""

    def __init__(self) -> None:
        """Start with nothing to decide."""
        self._approvals = Approvals()

    @workflow.run
    async def run(
        self, question: str, server_url: str, decision_timeout: timedelta = TIMEOUT
    ) -> str:
        """Return the answer to `question`, and each decision with who made it.

        Raises:
            InvalidInput: The question is empty, the address is not an https one, or the timeout
                is not positive, or over a year.
        """
        if not question.strip():
            raise InvalidInput("question is empty: ask what the server's tools can find out")
        self._approvals = Approvals(decision_timeout)
        server = mcp_server(server_url)
        server["require_approval"] = "always"
        agent = Agent(
            name="Documentation assistant",
            instructions="""
                Answer with the help of the MCP server, in one or two sentences.
                When a call is not allowed, do not try it again: say what you could not look up.
            """,
            tools=[HostedMCPTool(tool_config=server, on_approval_request=self._approvals.ask)],
        )
        result = await Runner.run(agent, question)
        return "\n".join([result.final_output_as(str), *self._approvals.record])

    @workflow.query
    def get_pending_approvals(self) -> list[PendingApproval]:
        """Return the calls that wait for a decision."""
        return list(self._approvals.pending.values())

    @workflow.update
    def decide(self, request_id: str, approve: bool, by: str | None = None) -> None:
        """Approve or reject a call; `by` names who decided."""
        self._approvals.decide(request_id, approve, by)

    @decide.validator
    def _check(self, request_id: str, approve: bool, by: str | None = None) -> None:
        self._approvals.check(request_id, by)
