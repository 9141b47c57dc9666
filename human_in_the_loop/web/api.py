"""The JSON API of the inbox."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Path, Query, Request, status
from pydantic import BaseModel, Field, StringConstraints

from human_in_the_loop.models import Decision, DecisionRequest
from human_in_the_loop.web.inbox import TOOL, Inbox, Listing

MAX_AGE = 365 * 24 * 3600  # seconds
MAX_REQUEST_LENGTH = 4_000  # characters


class Problem(BaseModel):
    """The body of an error response."""

    error: str = Field(description="The kind of error, for programs")
    message: str = Field(description="What is wrong and what to do, for people")


class NewRequest(BaseModel):
    """A request for the agent."""

    request: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_REQUEST_LENGTH)
    ]


class StartedWorkflow(BaseModel):
    """A workflow that was started."""

    workflow_id: str


def inbox_of(request: Request) -> Inbox:
    """Return the inbox of the app."""
    inbox: Inbox = request.app.state.inbox
    return inbox


TheInbox = Annotated[Inbox, Depends(inbox_of)]
Tool = Annotated[str, Query(pattern=f"^{TOOL.pattern}$", description="Only calls of this tool")]
MinAge = Annotated[int, Query(ge=0, le=MAX_AGE, description="Minimum pending time, in seconds")]
WorkflowId = Annotated[str, Path(max_length=1_000)]

router = APIRouter(
    prefix="/api", responses={code: {"model": Problem} for code in (403, 404, 409, 422, 503)}
)


@router.get("/approvals")
async def list_approvals(inbox: TheInbox, tool: Tool = "", min_age: MinAge = 0) -> Listing:
    """List the pending calls, oldest first, with their arguments."""
    return await inbox.pending(tool, timedelta(seconds=min_age))


@router.post("/workflows/{workflow_id:path}/decisions")
async def decide(
    workflow_id: WorkflowId, decision: Annotated[DecisionRequest, Body()], inbox: TheInbox
) -> Decision:
    """Decide on a pending call. 409: someone else decided first, or the call has changed."""
    return await inbox.decide(workflow_id, decision)


@router.post("/requests", status_code=status.HTTP_201_CREATED)
async def start(new: NewRequest, inbox: TheInbox) -> StartedWorkflow:
    """Start a workflow."""
    return StartedWorkflow(workflow_id=await inbox.start(new.request))
