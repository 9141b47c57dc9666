"""The requests of the service to Temporal, with errors translated to HTTP errors."""

from durable_agents import WorkflowClosed, query_if_available, root_cause, update_reliably

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from fastapi import HTTPException
from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.service import RPCError, RPCStatusCode

from streaming import TASK_QUEUE
from streaming.errors import ChatBusy, ChatEnded, TurnFailed
from streaming.models import ChatState, Transcript
from streaming.reader import Handle, new_chat_id
from streaming.workflows.stream import StreamingChatWorkflow

CHAT_ID = re.compile(r"chat-[0-9a-f]{32}")
"""The form of ids that cannot be guessed. Others are not served."""

MAX_KNOWN = 10_000
"""Chats that are not looked up again."""

REQUEST_TIMEOUT = timedelta(seconds=10)
RETRY_AFTER = {"Retry-After": "1"}  # seconds

UNKNOWN = "There is no such chat."
ENDED = "This chat has ended. Start a new one."
NO_ANSWER_YET = "There is no answer yet. Resend with the same Idempotency-Key to get it."
NO_WORKER = (
    "No worker answers, so the message may not have been received. "
    "Resend it with the same Idempotency-Key."
)
STATUS = {ChatBusy.__name__: 429, ChatEnded.__name__: 409, TurnFailed.__name__: 502}


def problem(status: int, error: str, message: str) -> HTTPException:
    """Return an HTTP error: `error` is for programs, `message` for people."""
    headers = RETRY_AFTER if status in (429, 503) else None
    return HTTPException(status, {"error": error, "message": message}, headers)


class ChatGateway:
    """Starts chats, and sends them messages.

    Args:
        client: A Temporal client.
        timeout: The time limit of a request.
    """

    def __init__(self, client: Client, timeout: timedelta = REQUEST_TIMEOUT) -> None:
        self._client, self._timeout = client, timeout
        self._known: dict[str, None] = {}  # ids of chats, the oldest first

    async def start(self) -> str:
        """Start a chat; return its id."""
        id = new_chat_id()
        async with self._http_errors():
            await self._client.start_workflow(
                StreamingChatWorkflow.run,
                ChatState(),
                id=id,
                task_queue=TASK_QUEUE,
                rpc_timeout=self._timeout,
            )
        return id

    async def find(self, chat_id: str) -> Handle:
        """Return a chat; raise a 404 if there is none with this id."""
        if not CHAT_ID.fullmatch(chat_id):
            raise problem(404, "UnknownChat", UNKNOWN)
        handle = self._client.get_workflow_handle_for(StreamingChatWorkflow.run, chat_id)
        if chat_id in self._known:  # skips a request, so a message reaches its chat sooner
            return handle
        async with self._http_errors():
            description = await handle.describe(rpc_timeout=self._timeout)
        if description.workflow_type != StreamingChatWorkflow.__name__:
            raise problem(404, "UnknownChat", UNKNOWN)
        self._known[chat_id] = None
        if len(self._known) > MAX_KNOWN:
            del self._known[next(iter(self._known))]
        return handle

    async def send(self, chat_id: str, text: str, key: str) -> str:
        """Send a message; return its answer. The same key sends it once."""
        handle = await self.find(chat_id)
        try:
            async with self._http_errors():
                return await update_reliably(handle, StreamingChatWorkflow.ask, text, id=key)
        except HTTPException as error:
            if error.status_code == 503 and await self._is_served(handle):
                raise problem(503, "NoAnswerYet", NO_ANSWER_YET) from None
            raise

    async def end(self, chat_id: str) -> Transcript:
        """End a chat; return its transcript."""
        handle = await self.find(chat_id)
        async with self._http_errors():
            return await update_reliably(handle, StreamingChatWorkflow.end)

    async def _is_served(self, handle: Handle) -> bool:
        return await query_if_available(handle, StreamingChatWorkflow.read, 0) is not None

    @asynccontextmanager
    async def _http_errors(self) -> AsyncIterator[None]:
        """Raise HTTP errors in place of Temporal's, and enforce the timeout."""
        try:
            async with asyncio.timeout(self._timeout.total_seconds()):
                yield
        except WorkflowClosed:
            raise problem(409, ChatEnded.__name__, ENDED) from None
        except WorkflowUpdateFailedError as error:
            cause = root_cause(error)
            raise problem(STATUS.get(cause.type, 422), cause.type, cause.message) from None
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                raise problem(404, "UnknownChat", UNKNOWN) from None
            raise problem(503, "Unavailable", NO_WORKER) from error
        except TimeoutError as error:
            raise problem(503, "Unavailable", NO_WORKER) from error
