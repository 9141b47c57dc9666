"""The API: typed requests and answers, one path for each thing a program can do."""

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Header, Path, Request, Response, status
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from goal_agent.goals import GOALS
from goal_agent.models import MAX_PROMPT, ConversationHistory, ToolData
from goal_agent.service.conversations import ID, Conversations, Decision
from goal_agent.service.problems import Problem
from goal_agent.talk import problem_of


def conversations_of(request: Request) -> Conversations:
    """Return what the app talks to Temporal through."""
    found = request.app.state.conversations
    if not isinstance(found, Conversations):
        raise TypeError("create_app() sets app.state.conversations")
    return found


Service = Annotated[Conversations, Depends(conversations_of)]


def _checked(prompt: str) -> str:
    if problem := problem_of(prompt):
        raise ValueError(problem)
    return prompt


Prompt = Annotated[
    str,
    AfterValidator(_checked),
    Field(
        min_length=1,
        max_length=MAX_PROMPT,
        pattern=r"\S",
        description="What the user says",
        examples=["Find me an event in Oslo in June"],
    ),
]
ConversationId = Annotated[
    str,
    Path(
        description="As the start has returned it",
        # Shown, not checked here: an id of another form is a 404, as any that does not exist.
        json_schema_extra={"pattern": f"^{ID.pattern}$"},
    ),
]
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[!-~]+$",
        max_length=100,
        description="Names this prompt: sent again with the same key, it is still one prompt",
    ),
]
StepId = Annotated[str, Path(max_length=100, description="The `step_id` of the step that waits")]


class Goal(BaseModel):
    """What a conversation can be about."""

    id: str
    name: str
    description: str
    example_prompts: list[str] = Field(description="What a user may begin with")


class NewConversation(BaseModel):
    """How a conversation begins."""

    model_config = ConfigDict(extra="forbid")

    goal: str = Field(description="The id of a goal", examples=[next(iter(GOALS))])
    prompt: Prompt | None = Field(default=None, description="What the user says first, if anything")


class NewPrompt(BaseModel):
    """What the user says next."""

    model_config = ConfigDict(extra="forbid")

    text: Prompt


class Conversation(BaseModel):
    """A conversation, by its id."""

    conversation_id: str = Field(description="It is in the path of all that is asked about it")


class AcceptedPrompt(Conversation):
    """A prompt that the agent will deal with."""

    number: int = Field(description="It is dealt with once `answered` in the history is as high")


def problems(*statuses: int) -> dict[int | str, dict[str, object]]:
    """Return the documentation of the problems that an operation may answer with."""
    return {number: {"model": Problem, "description": MEANING[number]} for number in statuses}


MEANING = {
    400: "The body cannot be read",
    403: "Sent by a page of another site",
    404: "There is no such goal or conversation",
    409: "Not now: the step does not wait, or the conversation has ended",
    422: "The request does not fit its schema",
    429: "Too many prompts are queued; Retry-After says for how many seconds to wait",
    503: "Temporal, or every worker, is away; Retry-After says for how many seconds to wait",
}
TOO_BIG: dict[int | str, dict[str, object]] = {
    413: {
        "description": "The body is too big",
        "content": {"text/plain": {"schema": {"type": "string"}}},
    }
}

reading = APIRouter(prefix="/api", tags=["read"])
writing = APIRouter(
    prefix="/api", tags=["write"], responses={**problems(403, 404, 422, 503), **TOO_BIG}
)


@reading.get("/goals")
async def list_goals() -> list[Goal]:
    """List the goals that a conversation can have."""
    return [Goal.model_validate(goal, from_attributes=True) for goal in GOALS.values()]


@writing.post("/conversations", status_code=status.HTTP_201_CREATED, responses=problems(400))
async def start(
    new: Annotated[NewConversation, Body()], service: Service, response: Response
) -> Conversation:
    """Start a conversation. The server makes its id."""
    conversation_id = await service.start(new.goal, new.prompt)
    response.headers["Location"] = f"/api/conversations/{conversation_id}"
    return Conversation(conversation_id=conversation_id)


@reading.get("/conversations/{conversation_id}", responses=problems(404, 422, 503))
async def get_history(conversation_id: ConversationId, service: Service) -> ConversationHistory:
    """Return all that was said, the latest step, and what the agent is doing."""
    return await service.history(conversation_id)


@reading.get("/conversations/{conversation_id}/tool-data", responses=problems(404, 422, 503))
async def get_latest_tool_data(
    conversation_id: ConversationId, service: Service
) -> ToolData | None:
    """Return the latest step: a tool with its arguments, and what has become of it."""
    return (await service.history(conversation_id)).tool_data


@writing.post(
    "/conversations/{conversation_id}/prompts",
    status_code=status.HTTP_202_ACCEPTED,
    responses=problems(400, 409, 429),
)
async def send_prompt(
    conversation_id: ConversationId,
    prompt: Annotated[NewPrompt, Body()],
    service: Service,
    key: Key = None,
) -> AcceptedPrompt:
    """Say something. The agent will answer in the history, or a message there says why not."""
    number = await service.send(conversation_id, prompt.text, key)
    return AcceptedPrompt(conversation_id=conversation_id, number=number)


@writing.post(
    "/conversations/{conversation_id}/steps/{step_id}/{decision}", responses=problems(409)
)
async def decide(
    conversation_id: ConversationId, step_id: StepId, decision: Decision, service: Service
) -> ToolData:
    """Confirm or cancel a step. A decision counts for this step alone, and only once."""
    return await service.decide(conversation_id, step_id, decision)


@writing.post(
    "/conversations/{conversation_id}/end",
    status_code=status.HTTP_202_ACCEPTED,
    responses=problems(409),
)
async def end(conversation_id: ConversationId, service: Service) -> Conversation:
    """End a conversation within a second. What is in flight then is reported as unknown."""
    await service.end(conversation_id)
    return Conversation(conversation_id=conversation_id)
