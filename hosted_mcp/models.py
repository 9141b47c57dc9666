"""What the workflows and starters of this topic hand each other."""

from pydantic import BaseModel


class PendingApproval(BaseModel):
    """A call of a remote tool that waits for a person's decision."""

    request_id: str
    tool: str
    arguments: str
