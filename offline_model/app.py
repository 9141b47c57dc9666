"""The web application: routes, the delivery of answers with faults, and errors as JSON."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from offline_model import chat_completions_api, streams
from offline_model.api_errors import ApiError, malformed_is_rejected
from offline_model.call_log import Call, CallLog
from offline_model.engine import Engine
from offline_model.faults import HEADER, Fault, Faults
from offline_model.faults.wire import Body, applies, check_http_error, spoil_answer, spoil_body
from offline_model.files_api import Files
from offline_model.json_text import MODEL, AsciiJSONResponse, Json, json_object
from offline_model.vector_stores_api import VectorStores

MAX_BODY_BYTES = 64 * 1024 * 1024


class ModelApi:
    """The API, with its state.

    Attributes:
        faults: Chooses the fault of each model request.
        latency: Seconds before each answer.
        stream_interval: Seconds before each piece of text of a stream.
        calls: The log of model requests.
        shutting_down: Whether the server itself is closing the connections.
    """

    def __init__(self, faults: Faults, latency: float, stream_interval: float) -> None:
        self.faults = faults
        self.latency = latency
        self.stream_interval = stream_interval
        self.calls = CallLog()
        self.shutting_down = False
        self._files = Files()
        self._stores = VectorStores(self._files)
        self._engine = Engine(self._stores)

    def app(self) -> ASGIApp:
        """Return the web application."""
        routes = [
            Route("/v1/responses", _ModelRoute(self, chat=False), methods=["POST"]),
            Route("/v1/chat/completions", _ModelRoute(self, chat=True), methods=["POST"]),
            Route("/v1/responses/{id}", self._retrieve_response),
            Route("/v1/models", _list_models),
            Route("/v1/models/{id}", _retrieve_model),
            *self._files.routes(),
            *self._stores.routes(),
        ]
        handlers: Any = {ApiError: _error, HTTPException: _http_error, Exception: _failure}
        return _Guard(Starlette(routes=routes, exception_handlers=handlers))

    async def _retrieve_response(self, request: Request) -> AsciiJSONResponse:
        return AsciiJSONResponse(self._engine.conversations.response(request.path_params["id"]))

    def answer(self, call: Call, size: int, fault: Fault | None, *, chat: bool) -> Body:
        """Return the answer to a request of `size` bytes, with the fault if it applies."""
        streamed = bool(call.body.get("stream"))
        kind = fault.kind if fault and fault.kind != "slow" else None
        if kind and not (applies(kind, chat=chat) and streams.applies(kind, streamed)):
            kind, call.applied = None, False
        with malformed_is_rejected():
            body = chat_completions_api.to_response_request(call.body) if chat else call.body
        answer = self._engine.answer(body, kind, size)
        if kind and not answer.faulty:
            kind, call.applied = None, False
        whole: Any = chat_completions_api.completion(answer.response) if chat else answer.response
        if kind:
            whole = spoil_answer(kind, whole, chat=chat)
        if streamed and chat:
            pieces = _chat_stream(whole, kind, call.body)
        elif streamed:
            pieces = streams.response_stream(whole, kind)
        else:
            pieces = [json.dumps(whole).encode()]
        content_type = "text/event-stream" if streamed else "application/json"
        sent = Body(pieces, {"content-type": content_type})
        return spoil_body(kind, sent) if kind else sent


def _chat_stream(completion: Any, kind: str | None, body: Json) -> list[bytes]:
    requested = bool((body.get("stream_options") or {}).get("include_usage"))
    # Some servers send the usage unrequested.
    include_usage = requested or (kind is not None and "usage" in kind)
    return streams.chat_stream(completion, kind, include_usage=include_usage)


@dataclass(frozen=True)
class _ModelRoute:
    """Answers model requests of one API. Stops as soon as the client disconnects."""

    api: ModelApi
    chat: bool

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        call = self.api.calls.start(request.url.path)
        try:
            body = await request.body()
            delivery = asyncio.ensure_future(self._deliver(request, call, body, send))
            await _finish_or_disconnect(delivery, receive)
        except ClientDisconnect:
            if not self.api.shutting_down and not request.state.closing:
                self.api.calls.disconnect(call)

    async def _deliver(self, request: Request, call: Call, body: bytes, send: Send) -> None:
        try:
            self.api.calls.receive(call, json_object(body), len(body))
            fault = self._fault(request)
            call.fault = str(fault) if fault else None
            await asyncio.sleep(self.api.latency)
            answer = await self._answer(request, call, len(body), fault)
        except ApiError as error:
            self.api.calls.finish(call, error.status)
            raise
        if answer is None:
            await _close(request, abort=True)
        else:
            self.api.calls.finish(call, answer.status)
            await _send(answer, fault, request, send, self.api)

    def _fault(self, request: Request) -> Fault | None:
        # A redirected request carries its fault in the query.
        named = request.query_params.get("fault") or request.headers.get(HEADER)
        try:
            return self.api.faults.choose(named)
        except ValueError as error:
            raise ApiError(400, str(error)) from error

    async def _answer(
        self, request: Request, call: Call, size: int, fault: Fault | None
    ) -> Body | None:
        """Return the answer, or None to drop the connection."""
        if fault and fault.kind == "drop":
            return None
        if fault and fault.kind == "redirect_loop":
            return Body([b""], {"location": f"{call.path}?fault={fault.kind}"}, status=307)
        if fault and fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        if fault:
            check_http_error(fault, request.headers["authorization"].partition(" ")[2])
        return self.api.answer(call, size, fault, chat=self.chat)


async def _finish_or_disconnect(delivery: asyncio.Future[None], receive: Receive) -> None:
    """Await the delivery. If the client disconnects first, cancel it and raise ClientDisconnect."""
    disconnect = asyncio.ensure_future(receive())
    waiting: set[asyncio.Future[Any]] = {delivery, disconnect}
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    if delivery.done():
        disconnect.cancel()
        return delivery.result()
    delivery.cancel()
    raise ClientDisconnect


async def _send(
    answer: Body, fault: Fault | None, request: Request, send: Send, api: ModelApi
) -> None:
    pieces, headers = answer.pieces, dict(answer.headers)
    whole = b"".join(pieces)
    if not answer.is_stream and answer.status != 204:
        headers["content-length"] = str(len(whole))
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": raw})
    if fault and fault.kind in ("truncate", "stall"):
        await send(_piece(whole[: len(whole) // 2]))
        if fault.kind == "truncate":
            await _close(request)
        await asyncio.sleep(fault.seconds)
        pieces = [whole[len(whole) // 2 :]]
    for piece in pieces:
        if api.stream_interval and answer.is_stream and streams.is_text(piece):
            await asyncio.sleep(api.stream_interval)
        await send(_piece(piece))
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _piece(data: bytes) -> Message:
    return {"type": "http.response.body", "body": data, "more_body": True}


async def _close(request: Request, *, abort: bool = False) -> None:
    """Close the connection: after the pending data is sent, or at once."""
    request.state.closing = True
    transport: asyncio.Transport = request.state.transport
    transport.abort() if abort else transport.close()
    await asyncio.Event().wait()  # until the disconnect cancels the delivery


@dataclass(frozen=True)
class _Guard:
    """Requires a key, as OpenAI does (any key will do), and limits the size of bodies."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if "authorization" not in Request(scope).headers:
            message = "Missing bearer authentication in header."
            response = _response(ApiError(401, message, code="invalid_api_key"))
            await response(scope, receive, send)
            return
        size = 0

        async def limited() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            while size > MAX_BODY_BYTES and message.get("more_body"):
                message = await receive()
            if size > MAX_BODY_BYTES:
                raise ApiError(413, f"The body exceeds {MAX_BODY_BYTES:,} bytes.")
            return message

        await self.app(scope, limited, send)


def _model_info(name: str) -> Json:
    return {"id": name, "object": "model", "created": 0, "owned_by": MODEL}


async def _list_models(_: Request) -> AsciiJSONResponse:
    return AsciiJSONResponse({"object": "list", "data": [_model_info(MODEL)]})


async def _retrieve_model(request: Request) -> AsciiJSONResponse:
    # Requests may name any model, so every model exists.
    return AsciiJSONResponse(_model_info(request.path_params["id"]))


def _response(error: ApiError) -> AsciiJSONResponse:
    return AsciiJSONResponse(error.body, error.status, headers=error.headers)


async def _error(_: Request, error: ApiError) -> AsciiJSONResponse:
    return _response(error)


async def _http_error(request: Request, error: HTTPException) -> AsciiJSONResponse:
    message = f"{error.detail.rstrip('.')}: {request.method} {request.url.path}"
    return _response(ApiError(error.status_code, message))


async def _failure(_: Request, __: Exception) -> AsciiJSONResponse:
    return _response(ApiError(500, "The offline model failed: see its log."))
