"""Calls that wait for a person's decision, and the decisions, as part of a workflow's state."""

from durable_agents import InvalidInput

from datetime import timedelta

from agents import MCPToolApprovalFunctionResult, MCPToolApprovalRequest
from temporalio import workflow

from hosted_mcp.models import Decision, PendingApproval

TIMEOUT = timedelta(minutes=5)
MAX_TIMEOUT = timedelta(days=365)
MAX_NAME = 100  # characters


class Approvals:
    """The approvals of one workflow.

    Attributes:
        pending: The calls that wait for a decision, by the id of the request.
        record: A sentence for each decision, in order: the call, the decision, and who made it.
    """

    def __init__(self, timeout: timedelta = TIMEOUT) -> None:
        """Reject calls that nobody decides on within `timeout`.

        Raises:
            InvalidInput: The timeout is not positive, or over a year.
        """
        if not timedelta() < timeout <= MAX_TIMEOUT:
            raise InvalidInput(f"decision_timeout is {timeout}: give 1 second to 365 days")
        self.pending: dict[str, PendingApproval] = {}
        self.record: list[str] = []
        self._timeout = timeout
        self._decisions: dict[str, Decision] = {}

    async def ask(self, request: MCPToolApprovalRequest) -> MCPToolApprovalFunctionResult:
        """Wait for the decision on a call; the wait is in the history, not in a process."""
        call = request.data
        self.pending[call.id] = PendingApproval(
            request_id=call.id, tool=call.name, arguments=call.arguments
        )
        try:
            await workflow.wait_condition(lambda: call.id in self._decisions, timeout=self._timeout)
        except TimeoutError:
            # A decision accepted at the last moment counts: its sender was told so.
            self._decisions.setdefault(call.id, Decision(approve=False, timed_out=True))
        finally:
            del self.pending[call.id]
        decision = self._decisions[call.id]
        self.record.append(f"({call.name} was {decision}.)")
        if decision.timed_out:
            return {"approve": False, "reason": "Nobody decided in time."}
        return {"approve": decision.approve}

    def check(self, request_id: str, by: str | None) -> None:
        """Check that a call is pending, and that `by` is a name.

        Raises:
            InvalidInput: It is not, or has been decided on.
        """
        if decision := self._decisions.get(request_id):
            raise InvalidInput(f"request_id is {request_id!r}: that call was {decision}")
        if request_id not in self.pending:
            raise InvalidInput(f"request_id is {request_id!r}: get_pending_approvals has them all")
        if by and (len(by) > MAX_NAME or not by.isprintable()):
            raise InvalidInput(f"by must be a name of at most {MAX_NAME} printable characters")

    def decide(self, request_id: str, approve: bool, by: str | None) -> None:
        """Record a decision, and let `ask` return it."""
        self._decisions[request_id] = Decision(approve=approve, by=by)
