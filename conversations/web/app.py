"""The JSON API of threads: paths, checks of requests, and their documentation."""

from durable_agents import InvalidInput, require_text

import re
from typing import Annotated

from fastapi import Depends, FastAPI, Header, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from conversations.limits import MAX_MESSAGE_LENGTH
from conversations.models import Message
from conversations.web.problems import RETRY_AFTER, Problem, ProblemDetails, respond
from conversations.web.threads import Threads

MAX_BODY = 65_536  # bytes: the longest message with every character escaped, and some room
BAD_THREAD_ID = (
    "The id of a thread has 1 to 100 ASCII letters, digits, dots, hyphens, underscores, or tildes."
)
UNPAIRED = "text is not valid Unicode: half of a surrogate pair is missing"
MAX_KEY_LENGTH = 100  # characters
THREAD_ID = re.compile(r"[A-Za-z0-9._~-]{1,100}")


class NewMessage(BaseModel):
    """A message of the user."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(description=f"At most {MAX_MESSAGE_LENGTH} characters")


class Answer(BaseModel):
    """The answer to a message."""

    answer: str | None = Field(description="null, with status 202, while the turn is in flight")


class StopResult(BaseModel):
    """The result of a request to stop a turn."""

    stopped: bool = Field(description="false if no turn was in flight, or it was answered first")


def _threads(request: Request) -> Threads:
    threads: Threads = request.app.state.threads
    return threads


def _checked_key(key: Annotated[str | None, Header(alias="Idempotency-Key")] = None) -> str:
    """Return the key of a message; it becomes the id of the update."""
    if not key:
        raise Problem("InvalidKey", "The header Idempotency-Key is missing: give each message one.")
    if len(key) > MAX_KEY_LENGTH:
        length = f"{len(key):,} characters; the limit is {MAX_KEY_LENGTH}"
        raise Problem("InvalidKey", f"Idempotency-Key is {length}")
    return key


def _checked_thread_id(thread_id: str) -> str:
    """Return the id of a thread; clients choose it."""
    if not THREAD_ID.fullmatch(thread_id):
        raise Problem("InvalidInput", BAD_THREAD_ID)
    return thread_id


def _check_text(text: str) -> None:
    """Check a message before it can start a thread."""
    try:
        require_text(text, "text", max_length=MAX_MESSAGE_LENGTH)
        text.encode()
    except InvalidInput as error:
        raise Problem("InvalidInput", error.message) from None
    except UnicodeEncodeError:
        raise Problem("InvalidInput", UNPAIRED) from None


Chats = Annotated[Threads, Depends(_threads)]
Key = Annotated[str, Depends(_checked_key)]
ThreadId = Annotated[str, Depends(_checked_thread_id)]


def create_app(threads: Threads) -> FastAPI:
    """Return the app. `serve_app` protects it from pages of other sites."""
    responses: dict[int | str, dict[str, object]] = {
        "default": {"model": ProblemDetails, "description": "A problem"}
    }
    app = FastAPI(
        title="Threads",
        docs_url=None,
        redoc_url=None,
        max_body_size=MAX_BODY,
        responses=responses,
    )
    app.state.threads = threads
    for error in (Problem, RequestValidationError, HTTPException, Exception):
        app.add_exception_handler(error, respond)
    app.post("/threads/{thread_id:path}/messages")(send_message)
    app.get("/threads/{thread_id:path}/messages")(get_messages)
    app.delete("/threads/{thread_id:path}/turn")(stop_turn)
    return app


async def send_message(
    thread_id: ThreadId, message: NewMessage, key: Key, threads: Chats, response: Response
) -> Answer:
    """Send a message; start the thread if it is new. The same key returns the same answer."""
    _check_text(message.text)
    answer = await threads.ask(thread_id, message.text, key)
    if answer is None:
        response.status_code = 202
        response.headers.update(RETRY_AFTER)
    return Answer(answer=answer)


async def get_messages(thread_id: ThreadId, threads: Chats) -> list[Message]:
    """Return the messages and answers of a thread."""
    return await threads.history(thread_id)


async def stop_turn(thread_id: ThreadId, threads: Chats) -> StopResult:
    """Stop the turn in flight. Its sender receives the problem TurnStopped."""
    return StopResult(stopped=await threads.stop(thread_id))
