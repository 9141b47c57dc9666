"""The inbox as a page: plain forms, no scripts."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Query, Response
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates
from pydantic import BaseModel, Field, JsonValue, TypeAdapter, ValidationError

from human_in_the_loop.deciding import DecisionRefused
from human_in_the_loop.models import (
    MAX_MESSAGE_LENGTH,
    MAX_NAME_LENGTH,
    PAST_TENSE,
    DecisionRequest,
)
from human_in_the_loop.web.api import MAX_AGE, MAX_REQUEST_LENGTH, NewRequest, TheInbox
from human_in_the_loop.web.inbox import TOOL, Inbox, Listing, Unavailable

ARGUMENTS = TypeAdapter(dict[str, JsonValue])
AGES = {0: "any age", 60: "1 minute", 3600: "1 hour", 86400: "1 day", 604800: "1 week"}
STATUS = {"UnknownCall": 404, "InvalidInput": 422}  # 409 for all other errors
RETRY_AFTER = {"Retry-After": "2"}  # seconds
UNAVAILABLE = "No server or worker answers. Refresh the list before you try again."

templates = Jinja2Templates(Path(__file__).parent / "templates")
templates.env.trim_blocks = templates.env.lstrip_blocks = True
router = APIRouter(include_in_schema=False)


class Filter(BaseModel):
    """The name of the person, and the filter of the list."""

    by: str = Field(default="", max_length=MAX_NAME_LENGTH)
    tool: str = Field(default="", pattern=f"^{TOOL.pattern}$")
    min_age: int = Field(default=0, ge=0, le=MAX_AGE)


class DecisionForm(Filter):
    """A form of the page. If `arguments` is not what was `shown`, they are edited."""

    workflow_id: str
    id: str
    digest: str
    verdict: Literal["approve", "reject"]
    shown: str = ""
    arguments: str = ""
    message: str = ""

    def to_request(self) -> DecisionRequest:
        """Return the decision; raise ValidationError if a field is invalid."""
        edited = None
        if self.verdict == "approve" and self.arguments.strip() != self.shown.strip():
            edited = ARGUMENTS.validate_json(self.arguments)
        return DecisionRequest(
            id=self.id,
            digest=self.digest,
            verdict="edit" if edited is not None else self.verdict,
            edited_arguments=edited,
            message=self.message,
            by=self.by,
        )


@router.get("/")
async def show(inbox: TheInbox, chosen: Annotated[Filter, Query()]) -> Response:
    """Show the pending calls."""
    return await render(inbox, chosen)


@router.post("/decisions")
async def decide(inbox: TheInbox, form: Annotated[DecisionForm, Form()]) -> Response:
    """Decide on a call, and show the others."""
    try:
        decision = await inbox.decide(form.workflow_id, form.to_request())
    except ValidationError as error:
        return await render(inbox, form, describe(error), 422)
    except DecisionRefused as refused:
        code = STATUS.get(refused.kind, 409)
        return await render(inbox, form, f"Not accepted: {refused}.", code)
    except Unavailable:
        return await render(inbox, form, UNAVAILABLE, 503)
    done = f"You {PAST_TENSE[decision.verdict]} {decision.tool}."
    return await render(inbox, form, done)


@router.post("/requests")
async def start(
    inbox: TheInbox,
    chosen: Annotated[Filter, Query()],
    request: Annotated[str, Form(max_length=MAX_REQUEST_LENGTH)],
) -> Response:
    """Start a workflow, and show the pending calls."""
    try:
        workflow_id = await inbox.start(NewRequest(request=request).request)
    except ValidationError as error:
        return await render(inbox, chosen, describe(error), 422)
    except Unavailable:
        return await render(inbox, chosen, UNAVAILABLE, 503)
    return await render(inbox, chosen, f"Started {workflow_id}. Refresh to see its calls.")


async def render(inbox: Inbox, chosen: Filter, notice: str = "", status: int = 200) -> Response:
    """Return the page; after a failed decision, with the text of its form."""
    listing: Listing | None = None
    try:
        listing = await inbox.pending(chosen.tool, timedelta(seconds=chosen.min_age))
    except Unavailable:
        status = 503
    html = templates.get_template("inbox.html").render(
        listing=listing,
        chosen=chosen,
        failed=chosen if isinstance(chosen, DecisionForm) and status != 200 else None,
        notice=notice,
        is_error=status != 200,
        ages=AGES,
        now=datetime.now(UTC),
        max_message=MAX_MESSAGE_LENGTH,
        max_name=MAX_NAME_LENGTH,
        max_request=MAX_REQUEST_LENGTH,
    )
    return HTMLResponse(html, status, RETRY_AFTER if status == 503 else None)


def describe(error: ValidationError) -> str:
    """Return what is wrong with a form, in one line."""
    problems = error.errors(include_url=False, include_input=False, include_context=False)
    named = [(".".join(map(str, one["loc"])) or "arguments", one["msg"]) for one in problems]
    return "; ".join(f"{name}: {message}" for name, message in named)


def in_lines(arguments: str) -> str:
    """Return JSON with a line for each value; other text as it is."""
    try:
        return json.dumps(json.loads(arguments), indent=2, ensure_ascii=False)
    except ValueError:
        return arguments


def in_words(time: timedelta) -> str:
    """Return a duration in its largest unit: `3 hours`."""
    seconds = max(0, int(time.total_seconds()))
    for unit, size in {"day": 86400, "hour": 3600, "minute": 60}.items():
        if count := seconds // size:
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return f"{seconds} s"


templates.env.filters |= {"in_lines": in_lines, "in_words": in_words}
