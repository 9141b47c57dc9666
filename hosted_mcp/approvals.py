"""The approvals of one workflow: pending tool calls and decisions, kept in workflow state."""

from durable_agents import InvalidInput

from datetime import timedelta

from agents import MCPToolApprovalFunctionResult, MCPToolApprovalRequest
from temporalio import workflow

from hosted_mcp.models import Decision, PendingApproval

DEFAULT_TIMEOUT = timedelta(minutes=5)
MAX_TIMEOUT = timedelta(days=365)
MAX_NAME_LENGTH = 100  # characters


class Approvals:
    """Pending tool calls, and the decisions on them.

    Attributes:
        pending: The pending calls, by request id.
        record: One line per decision, in order: the tool, the decision, and who made it.
    """

    def __init__(self, timeout: timedelta = DEFAULT_TIMEOUT) -> None:
        """Reject each call that is not decided within `timeout`.

        Raises:
            InvalidInput: The timeout is not positive, or exceeds a year.
        """
        if not timedelta() < timeout <= MAX_TIMEOUT:
            raise InvalidInput(
                f"decision_timeout is {timeout}; it must be positive and at most 365 days"
            )
        self.pending: dict[str, PendingApproval] = {}
        self.record: list[str] = []
        self._timeout = timeout
        self._decisions: dict[str, Decision] = {}

    async def ask(self, request: MCPToolApprovalRequest) -> MCPToolApprovalFunctionResult:
        """Wait for the decision on a call. The wait is durable: workers may restart."""
        call = request.data
        self.pending[call.id] = PendingApproval(
            request_id=call.id, tool=call.name, arguments=call.arguments
        )
        try:
            await workflow.wait_condition(lambda: call.id in self._decisions, timeout=self._timeout)
        except TimeoutError:
            # An update that was accepted at the last moment counts: its sender saw it succeed.
            self._decisions.setdefault(call.id, Decision(approve=False, timed_out=True))
        finally:
            del self.pending[call.id]
        decision = self._decisions[call.id]
        self.record.append(f"({call.name} was {decision}.)")
        if decision.timed_out:
            return {"approve": False, "reason": "No decision was made in time."}
        return {"approve": decision.approve}

    def validate(self, request_id: str, by: str | None) -> None:
        """Check that a call is pending, and that `by` is a printable name.

        Raises:
            InvalidInput: The call is unknown or already decided, or the name is invalid.
        """
        if decision := self._decisions.get(request_id):
            raise InvalidInput(f"request_id {request_id!r} was already {decision}")
        if request_id not in self.pending:
            raise InvalidInput(
                f"request_id {request_id!r} is not pending; see get_pending_approvals"
            )
        if by and (len(by) > MAX_NAME_LENGTH or not by.isprintable()):
            raise InvalidInput(f"by must be at most {MAX_NAME_LENGTH} printable characters")

    def decide(self, request_id: str, approve: bool, by: str | None) -> None:
        """Record a decision, which `ask` then returns."""
        self._decisions[request_id] = Decision(approve=approve, by=by)
