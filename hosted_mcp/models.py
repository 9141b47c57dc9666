"""Pending approvals, and decisions on them."""

from pydantic import BaseModel


class PendingApproval(BaseModel):
    """A remote tool call that is waiting for approval."""

    request_id: str
    tool: str
    arguments: str


class Decision(BaseModel):
    """A decision on a tool call, made by a person or by the timeout."""

    approve: bool
    by: str | None = None
    timed_out: bool = False

    def __str__(self) -> str:
        """Describe the decision, with the name of the person if it is known."""
        if self.timed_out:
            return "rejected: no decision in time"
        return ("approved" if self.approve else "rejected") + (f" by {self.by}" if self.by else "")
