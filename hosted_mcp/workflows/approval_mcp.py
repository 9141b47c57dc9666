"""A person decides on each call of a remote tool: the workflow waits durably, for minutes or days.

While it waits, nothing runs: workers may come and go. Nobody's decision is a rejection.
"""

from datetime import timedelta

from agents import (
    Agent,
    HostedMCPTool,
    MCPToolApprovalFunctionResult,
    MCPToolApprovalRequest,
    Runner,
)
from temporalio import workflow

from durable_agents import InvalidInput

with workflow.unsafe.imports_passed_through():
    from hosted_mcp.models import PendingApproval
    from hosted_mcp.servers import mcp_server

DECIDE_WITHIN = timedelta(minutes=5)


@workflow.defn
class ApprovalMCPWorkflow:
    """Answers a question with tools that a person lets it call, one call at a time."""

    def __init__(self) -> None:
        """Start with nothing to decide."""
        self._pending: dict[str, PendingApproval] = {}
        self._decisions: dict[str, bool] = {}

    @workflow.run
    async def run(self, question: str, server_url: str) -> str:
        """Return the answer to `question`.

        Raises:
            InvalidInput: The question is empty, or the address is not an https one.
        """
        if not question.strip():
            raise InvalidInput("question is empty: ask what the server's tools can find out")
        server = mcp_server(server_url)
        server["require_approval"] = "always"
        agent = Agent(
            name="Documentation assistant",
            instructions="""
                Answer with the help of the MCP server, in one or two sentences.
                When a call is not allowed, do not try it again: say what you could not look up.
            """,
            tools=[HostedMCPTool(tool_config=server, on_approval_request=self._ask)],
        )
        result = await Runner.run(agent, question)
        return result.final_output_as(str)

    @workflow.query
    def get_pending_approvals(self) -> list[PendingApproval]:
        """Return the calls that wait for a decision."""
        return list(self._pending.values())

    @workflow.update
    def decide(self, request_id: str, approve: bool) -> None:
        """Let a call be made, or not."""
        self._decisions[request_id] = approve

    @decide.validator
    def _check(self, request_id: str, approve: bool) -> None:
        if request_id in self._decisions:
            raise InvalidInput(f"request_id is {request_id!r}: that call has been decided on")
        if request_id not in self._pending:
            raise InvalidInput(f"request_id is {request_id!r}: get_pending_approvals has them all")

    async def _ask(self, request: MCPToolApprovalRequest) -> MCPToolApprovalFunctionResult:
        call = request.data
        self._pending[call.id] = PendingApproval(
            request_id=call.id, tool=call.name, arguments=call.arguments
        )
        try:
            await workflow.wait_condition(lambda: call.id in self._decisions, timeout=DECIDE_WITHIN)
        except TimeoutError:
            return {"approve": False, "reason": "Nobody decided in time."}
        finally:
            del self._pending[call.id]
        return {"approve": self._decisions[call.id]}
