"""The JSON API: typed requests and responses."""

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Header, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from goal_agent.goals import GOALS
from goal_agent.models import ConversationHistory, Prompt, ToolData
from goal_agent.web.errors import Kind, Problem
from goal_agent.web.gateway import CONVERSATION_ID, Decision, WorkflowGateway


def _gateway_of(request: Request) -> WorkflowGateway:
    gateway: WorkflowGateway = request.app.state.gateway
    return gateway


Gateway = Annotated[WorkflowGateway, Depends(_gateway_of)]
# The pattern is only documented: an id of another form is a 404, like one that does not exist.
ConversationId = Annotated[
    str,
    Path(
        description="The id that the start returned",
        json_schema_extra={"pattern": f"^{CONVERSATION_ID.pattern}$"},
    ),
]
StepId = Annotated[str, Path(max_length=100, description="The `step_id` of the waiting step")]
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[!-~]+$",
        max_length=100,
        description="Prompts with the same key are queued once",
    ),
]


class Goal(BaseModel):
    """A goal to start a conversation with."""

    id: str
    name: str
    description: str
    example_prompts: list[str] = Field(description="A typical conversation, prompt by prompt")


class NewConversation(BaseModel):
    """The start of a conversation."""

    model_config = ConfigDict(extra="forbid")

    goal: str = Field(description="The id of a goal", examples=[next(iter(GOALS))])
    prompt: Prompt | None = Field(default=None, description="The user's first message, if any")


class NewPrompt(BaseModel):
    """A message of the user."""

    model_config = ConfigDict(extra="forbid")

    text: Prompt


class Conversation(BaseModel):
    """A reference to a conversation."""

    conversation_id: str = Field(description="Part of the path of every later request")


class AcceptedPrompt(Conversation):
    """A prompt that will be processed."""

    number: int = Field(description="Processed once `answered` in the history reaches it")


Responses = dict[int | str, dict[str, object]]


def problems(*kinds: Kind) -> Responses:
    """Return the documentation of error responses."""
    return {kind.value[0]: {"model": Problem, "description": kind.value[1]} for kind in kinds}


FINDING = problems(Kind.UnknownConversation, Kind.InvalidInput, Kind.Unavailable)
CHANGING: Responses = {
    **FINDING,
    400: {"description": "The body cannot be parsed, or the host name is not served"},
    403: {"description": "The request was sent by a page of another site"},
    413: {"description": "The body is too large"},
}
reading = APIRouter(prefix="/api", tags=["read"])
writing = APIRouter(prefix="/api", tags=["write"], responses=CHANGING)
CONVERSATION = "/conversations/{conversation_id}"


@reading.get("/goals")
async def list_goals() -> list[Goal]:
    """List the goals."""
    return [Goal.model_validate(goal, from_attributes=True) for goal in GOALS.values()]


@writing.post("/conversations", status_code=201)
async def start(
    new: Annotated[NewConversation, Body()], gateway: Gateway, response: Response
) -> Conversation:
    """Start a conversation. The service generates its id."""
    conversation_id = await gateway.start(new.goal, new.prompt)
    response.headers["Location"] = f"/api/conversations/{conversation_id}"
    return Conversation(conversation_id=conversation_id)


@reading.get(CONVERSATION, responses=FINDING)
async def get_history(conversation_id: ConversationId, gateway: Gateway) -> ConversationHistory:
    """Return the messages, the latest step, and the status."""
    return await gateway.history(conversation_id)


@reading.get(f"{CONVERSATION}/tool-data", responses=FINDING)
async def get_latest_tool_data(
    conversation_id: ConversationId, gateway: Gateway
) -> ToolData | None:
    """Return the latest step: a tool call with its arguments, state, and result."""
    return (await gateway.history(conversation_id)).tool_data


@writing.post(
    f"{CONVERSATION}/prompts",
    status_code=202,
    responses=problems(Kind.ConversationEnded, Kind.TooManyPrompts),
)
async def send_prompt(
    conversation_id: ConversationId,
    prompt: Annotated[NewPrompt, Body()],
    gateway: Gateway,
    key: Key = None,
) -> AcceptedPrompt:
    """Send a message. The history gets the answer, or a message that says why there is none."""
    number = await gateway.send(conversation_id, prompt.text, key)
    return AcceptedPrompt(conversation_id=conversation_id, number=number)


@writing.post(
    f"{CONVERSATION}/steps/{{step_id}}/{{decision}}", responses=problems(Kind.StepNotWaiting)
)
async def decide(
    conversation_id: ConversationId, step_id: StepId, decision: Decision, gateway: Gateway
) -> ToolData:
    """Confirm or cancel a step. A decision is valid for this step only, once."""
    return await gateway.decide(conversation_id, step_id, decision)


@writing.post(f"{CONVERSATION}/end", status_code=202, responses=problems(Kind.ConversationEnded))
async def end(conversation_id: ConversationId, gateway: Gateway) -> Conversation:
    """End a conversation within a second. Steps in flight are reported as unknown."""
    await gateway.end(conversation_id)
    return Conversation(conversation_id=conversation_id)
