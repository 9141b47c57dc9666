"""The API's reference as a page: made from the OpenAPI document, without another host's scripts."""

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from goal_agent.service.page import html

router = APIRouter(include_in_schema=False)


class Schema(BaseModel):
    """What a value looks like."""

    ref: str | None = Field(default=None, alias="$ref")
    type: str | None = None
    description: str | None = None
    any_of: list["Schema"] = Field(default=[], alias="anyOf")
    enum: list[str] = []
    items: "Schema | None" = None
    properties: dict[str, "Schema"] = {}

    @property
    def kind(self) -> str:
        """What it is, in a few words."""
        if self.ref:
            return self.ref.rpartition("/")[2]
        if self.any_of:
            return " or ".join(one.kind for one in self.any_of)
        if self.items:
            return f"list of {self.items.kind}"
        return " or ".join(self.enum) or self.type or "anything"


class Media(BaseModel):
    """A body in one of its formats."""

    of: Schema = Field(alias="schema")


class Body(BaseModel):
    """What is sent, or returned."""

    description: str = ""
    content: dict[str, Media] = {}

    @property
    def kind(self) -> str | None:
        """What it is, where it is JSON."""
        media = self.content.get("application/json")
        return media.of.kind if media else None


class Operation(BaseModel):
    """One thing that the API can do."""

    description: str
    takes: Body = Field(default=Body(), alias="requestBody")
    responses: dict[str, Body]


class Components(BaseModel):
    """What operations have in common."""

    schemas: dict[str, Schema]


class Document(BaseModel):
    """An OpenAPI document, as far as it is shown."""

    paths: dict[str, dict[str, Operation]]
    components: Components


@router.get("/docs")
async def docs(request: Request) -> HTMLResponse:
    """Show what the API can do."""
    app: FastAPI = request.app
    return html("docs.html", app=app, document=Document.model_validate(app.openapi()))
