"""What the workflows and starters of this topic hand each other."""

from pydantic import BaseModel


class PendingApproval(BaseModel):
    """A call of a remote tool that waits for a person's decision."""

    request_id: str
    tool: str
    arguments: str


class Decision(BaseModel):
    """The decision on a call: made by a person, or by the timeout."""

    approve: bool
    by: str | None = None
    timed_out: bool = False

    def __str__(self) -> str:
        """Say what was decided, and by whom if a name was given."""
        if self.timed_out:
            return "rejected, because nobody decided in time"
        return ("approved" if self.approve else "rejected") + (f" by {self.by}" if self.by else "")
