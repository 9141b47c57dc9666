"""Human approval of each remote tool call, with a durable wait of minutes or days.

Workers may restart while the workflow waits. No decision in time counts as a rejection.
"""

from durable_agents import require_text

from datetime import timedelta

from agents import Agent, HostedMCPTool, Runner
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from hosted_mcp.approvals import DEFAULT_TIMEOUT, Approvals
    from hosted_mcp.models import PendingApproval
    from hosted_mcp.servers import mcp_server


@workflow.defn
class ApprovalMCPWorkflow:
    """Answers a question with remote tools, and asks a person to approve each call."""

    def __init__(self) -> None:
        self._approvals = Approvals()

    @workflow.run
    async def run(
        self, question: str, server_url: str, decision_timeout: timedelta = DEFAULT_TIMEOUT
    ) -> str:
        """Return the answer to `question`, and each decision with the person who made it.

        Raises:
            InvalidInput: The question is empty, `server_url` is not an https URL, or
                `decision_timeout` is not positive or exceeds a year.
        """
        require_text(question, "question")
        self._approvals = Approvals(decision_timeout)
        server = mcp_server(server_url)
        server["require_approval"] = "always"
        agent = Agent(
            name="Documentation assistant",
            instructions="""
                Answer with the help of the MCP server, in one or two sentences.
                If a call is rejected, do not try it again: say what you could not look up.
            """,
            tools=[HostedMCPTool(tool_config=server, on_approval_request=self._approvals.ask)],
        )
        result = await Runner.run(agent, question)
        return "\n".join([result.final_output_as(str), *self._approvals.record])

    @workflow.query
    def get_pending_approvals(self) -> list[PendingApproval]:
        """Return the calls that are waiting for a decision."""
        return list(self._approvals.pending.values())

    @workflow.update
    def decide(self, request_id: str, approve: bool, by: str | None = None) -> None:
        """Approve or reject a call. `by` is the name of the person who decides."""
        self._approvals.decide(request_id, approve, by)

    @decide.validator
    def _validate_decision(self, request_id: str, approve: bool, by: str | None = None) -> None:
        self._approvals.validate(request_id, by)
