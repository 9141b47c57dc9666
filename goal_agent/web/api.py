"""The JSON API: typed requests and responses."""

from durable_agents import InvalidInput

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Header, Path, Request, Response, status
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from goal_agent.goals import GOALS
from goal_agent.limits import MAX_PROMPT, validate_prompt
from goal_agent.models import ConversationHistory, ToolData
from goal_agent.web.errors import Problem
from goal_agent.web.gateway import CONVERSATION_ID, Decision, WorkflowGateway


def _gateway_of(request: Request) -> WorkflowGateway:
    gateway: WorkflowGateway = request.app.state.gateway
    return gateway


def _valid(prompt: str) -> str:
    try:
        validate_prompt(prompt)
    except InvalidInput as error:
        raise ValueError(error.message) from None
    return prompt


Gateway = Annotated[WorkflowGateway, Depends(_gateway_of)]
Prompt = Annotated[
    str,
    AfterValidator(_valid),
    Field(
        min_length=1,
        max_length=MAX_PROMPT,
        pattern=r"\S",
        description="The user's message",
        examples=["Find me an event in Oslo in June"],
    ),
]
ConversationId = Annotated[
    str,
    Path(
        description="The id that the start returned",
        # In the document only: an id of another form is a 404, like one that does not exist.
        json_schema_extra={"pattern": f"^{CONVERSATION_ID.pattern}$"},
    ),
]
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[!-~]+$",
        max_length=100,
        description="Prompts with the same key are queued once",
    ),
]
StepId = Annotated[str, Path(max_length=100, description="The `step_id` of the waiting step")]


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


MEANING = {
    400: "The body cannot be parsed",
    403: "The request was sent by a page of another site",
    404: "The goal or the conversation does not exist",
    409: "The step is not waiting, or the conversation has ended",
    422: "The request does not match its schema",
    429: "The queue is full; retry after the seconds in Retry-After",
    503: "Temporal or every worker is unavailable; retry after the seconds in Retry-After",
}
TOO_LARGE: dict[int | str, dict[str, object]] = {
    413: {
        "description": "The body is too large",
        "content": {"text/plain": {"schema": {"type": "string"}}},
    }
}


def _problems(*statuses: int) -> dict[int | str, dict[str, object]]:
    return {number: {"model": Problem, "description": MEANING[number]} for number in statuses}


reading = APIRouter(prefix="/api", tags=["read"])
writing = APIRouter(
    prefix="/api", tags=["write"], responses={**_problems(403, 404, 422, 503), **TOO_LARGE}
)


@reading.get("/goals")
async def list_goals() -> list[Goal]:
    """List the goals."""
    return [Goal.model_validate(goal, from_attributes=True) for goal in GOALS.values()]


@writing.post("/conversations", status_code=status.HTTP_201_CREATED, responses=_problems(400))
async def start(
    new: Annotated[NewConversation, Body()], gateway: Gateway, response: Response
) -> Conversation:
    """Start a conversation. The service generates its id."""
    conversation_id = await gateway.start(new.goal, new.prompt)
    response.headers["Location"] = f"/api/conversations/{conversation_id}"
    return Conversation(conversation_id=conversation_id)


@reading.get("/conversations/{conversation_id}", responses=_problems(404, 422, 503))
async def get_history(conversation_id: ConversationId, gateway: Gateway) -> ConversationHistory:
    """Return the messages, the latest step, and the status."""
    return await gateway.history(conversation_id)


@reading.get("/conversations/{conversation_id}/tool-data", responses=_problems(404, 422, 503))
async def get_latest_tool_data(
    conversation_id: ConversationId, gateway: Gateway
) -> ToolData | None:
    """Return the latest step: a tool call with its arguments, state, and result."""
    return (await gateway.history(conversation_id)).tool_data


@writing.post(
    "/conversations/{conversation_id}/prompts",
    status_code=status.HTTP_202_ACCEPTED,
    responses=_problems(400, 409, 429),
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
    "/conversations/{conversation_id}/steps/{step_id}/{decision}", responses=_problems(409)
)
async def decide(
    conversation_id: ConversationId, step_id: StepId, decision: Decision, gateway: Gateway
) -> ToolData:
    """Confirm or cancel a step. A decision is valid for this step only, once."""
    return await gateway.decide(conversation_id, step_id, decision)


@writing.post(
    "/conversations/{conversation_id}/end",
    status_code=status.HTTP_202_ACCEPTED,
    responses=_problems(409),
)
async def end(conversation_id: ConversationId, gateway: Gateway) -> Conversation:
    """End a conversation within a second. Steps in flight are reported as unknown."""
    await gateway.end(conversation_id)
    return Conversation(conversation_id=conversation_id)
