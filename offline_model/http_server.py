"""The HTTP side of the offline model: routes, faults, and errors as JSON."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from aiohttp import web

from offline_model import chat_completions_api, spoiled, streams
from offline_model.api_errors import ApiError, malformed_is_refused
from offline_model.call_log import Call, CallLog
from offline_model.faults import HEADER, Fault, Faults
from offline_model.files_api import Files, FilesApi
from offline_model.http_faults import Body, raise_http_error, spoil_body
from offline_model.json_text import MAX_BODY_BYTES, MODEL, Json, json_object
from offline_model.vector_stores_api import VectorStores, VectorStoresApi

if TYPE_CHECKING:
    from offline_model.engine import Engine

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class _Dialect:
    """How one API asks and answers, seen from the Responses API.

    Attributes:
        request: Translates a request.
        answer: Translates a response.
        stream: Makes events of an answer, a fault, and the request that it answers.
    """

    request: Callable[[Json], Json]
    answer: Callable[[Json], Json]
    stream: Callable[[Any, str | None, Json], list[bytes]]


class ModelApi:
    """Serves model requests, with faults on the way, and the files that they refer to."""

    def __init__(self, faults: Faults, latency: float) -> None:
        self.faults = faults
        self.latency = latency
        self.calls = CallLog()
        self._files = Files()
        self._stores = VectorStores(self._files)
        self._engine: asyncio.Future[Engine]
        self._shutting_down = False

    def load_engine(self) -> None:
        """Load what answers, on the side: it takes a second, and the server is up at once."""
        self._engine = asyncio.get_running_loop().run_in_executor(None, _new_engine, self._stores)

    def app(self) -> web.Application:
        """Return the web application."""
        app = web.Application(middlewares=[_json_errors], client_max_size=MAX_BODY_BYTES)
        app.on_shutdown.append(self._shut_down)
        app.add_routes(
            [
                web.post("/v1/responses", self._answer_responses),
                web.get("/v1/responses/{id}", self._show_response),
                web.post("/v1/chat/completions", self._answer_chat),
                web.get("/v1/models", _list_models),
                web.get("/v1/models/{id}", _show_model),
                *FilesApi(self._files).routes(),
                *VectorStoresApi(self._stores).routes(),
            ]
        )
        return app

    async def _shut_down(self, _: web.Application) -> None:
        self._shutting_down = True

    async def _show_response(self, request: web.Request) -> web.Response:
        engine = await self._loaded_engine()
        return web.json_response(engine.conversations.response(request.match_info["id"]))

    async def _loaded_engine(self) -> "Engine":
        # A client that hangs up cancels its request, which must not cancel the loading.
        return await asyncio.shield(self._engine)

    async def _answer_responses(self, request: web.Request) -> web.StreamResponse:
        return await self._answer(request, _RESPONSES)

    async def _answer_chat(self, request: web.Request) -> web.StreamResponse:
        return await self._answer(request, _CHAT)

    async def _answer(self, request: web.Request, dialect: _Dialect) -> web.StreamResponse:
        call = self.calls.begin(request.path)
        try:
            return await self._answer_call(request, dialect, call)
        except (asyncio.CancelledError, ConnectionResetError):
            if not self._shutting_down:
                self.calls.disconnect(call)
            raise

    async def _answer_call(
        self, request: web.Request, dialect: _Dialect, call: Call
    ) -> web.StreamResponse:
        try:
            body_size = len(await request.read())
            self.calls.receive(call, await json_object(request), body_size)
            fault = self._fault_of(request)
            call.fault = str(fault) if fault else None
            await asyncio.sleep(self.latency)
            await _break_before_answer(request, fault)
            body = await self._body(call, fault, dialect, body_size)
        except ApiError as error:
            self.calls.end(call, error.status)
            raise
        except ConnectionAbortedError:
            return web.Response()
        self.calls.end(call, body.status)
        return await _send(request, body, fault)

    def _fault_of(self, request: web.Request) -> Fault | None:
        # A redirected request meets what it was redirected by.
        asked = request.query.get("fault") or request.headers.get(HEADER)
        try:
            return self.faults.choose(asked)
        except ValueError as error:
            raise ApiError(400, str(error)) from error

    async def _body(self, call: Call, fault: Fault | None, dialect: _Dialect, size: int) -> Body:
        """Return the body of the answer, as the fault has it."""
        with malformed_is_refused():
            request = dialect.request(call.body)
        chat, streamed = dialect is _CHAT, bool(call.body.get("stream"))
        kind = fault.kind if fault and fault.kind not in ("slow", "drop") else None
        if kind and not (spoiled.applies(kind, chat=chat) and streams.applies(kind, streamed)):
            kind, call.applied = None, False
        engine = await self._loaded_engine()
        answer = engine.answer(request, kind, size)
        whole: Any = dialect.answer(answer.response)
        if kind and not answer.misbehaved:
            kind, call.applied = None, False
        if kind:
            whole = spoiled.spoil(kind, whole, chat=chat)
        if streamed:
            pieces = dialect.stream(whole, kind, call.body)
            body = Body(pieces, {"content-type": "text/event-stream"})
        else:
            body = Body([json.dumps(whole).encode()], {"content-type": "application/json"})
        return spoil_body(kind, body) if kind else body


def _new_engine(stores: VectorStores) -> "Engine":
    engine: Engine = import_module("offline_model.engine").Engine(stores)
    return engine


async def _break_before_answer(request: web.Request, fault: Fault | None) -> None:
    """Apply the faults that come in place of an answer."""
    if fault is None:
        return
    if fault.kind == "slow":
        await asyncio.sleep(fault.seconds)
    if fault.kind == "drop":
        _abort(request)
        raise ConnectionAbortedError
    raise_http_error(fault, request)


async def _send(request: web.Request, body: Body, fault: Fault | None) -> web.StreamResponse:
    response = web.StreamResponse(status=body.status, headers=body.headers)
    whole = b"".join(body.pieces)
    if not body.is_stream and body.status != 204:
        response.content_length = len(whole)
    await response.prepare(request)
    if fault and fault.kind in ("truncate", "stall"):
        await response.write(whole[: len(whole) // 2])
        if fault.kind == "truncate":
            _close(request)
            return response
        await asyncio.sleep(fault.seconds)
        body = Body([whole[len(whole) // 2 :]])
    for piece in body.pieces:
        await response.write(piece)
    await response.write_eof()
    return response


def _abort(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


def _close(request: web.Request) -> None:
    """Close the connection once what was written is sent."""
    if request.transport is not None:
        request.transport.close()


def _chat_stream(completion: Any, fault: str | None, body: Json) -> list[bytes]:
    wanted = bool((body.get("stream_options") or {}).get("include_usage"))
    # Other servers send it unasked.
    include_usage = wanted or (fault is not None and "usage" in fault)
    return streams.chat_stream(completion, fault, include_usage=include_usage)


_RESPONSES = _Dialect(
    request=lambda body: body,
    answer=lambda response: response,
    stream=lambda response, fault, _: streams.response_stream(response, fault),
)
_CHAT = _Dialect(
    request=chat_completions_api.to_response_request,
    answer=chat_completions_api.completion,
    stream=_chat_stream,
)


def _model_info(name: str) -> Json:
    return {"id": name, "object": "model", "created": 0, "owned_by": MODEL}


async def _list_models(_: web.Request) -> web.Response:
    return web.json_response({"object": "list", "data": [_model_info(MODEL)]})


async def _show_model(request: web.Request) -> web.Response:
    # Requests may name any model, so any model is there.
    return web.json_response(_model_info(request.match_info["id"]))


@web.middleware
async def _json_errors(request: web.Request, handler: _Handler) -> web.StreamResponse:
    """Ask for a key, as OpenAI does (any will do), and answer all errors in OpenAI's form."""
    try:
        if "Authorization" not in request.headers:
            raise ApiError(401, "Missing bearer authentication in header.", code="invalid_api_key")
        return await handler(request)
    except ApiError as error:
        return _error(error)
    except web.HTTPRedirection:
        raise
    except web.HTTPException as error:
        return _error(ApiError(error.status, f"{error.reason}: {request.method} {request.path}"))
    except Exception:
        logging.getLogger(__name__).exception("The offline model failed")
        return _error(ApiError(500, "The offline model failed: see its log."))


def _error(error: ApiError) -> web.Response:
    return web.json_response(error.body, status=error.status, headers=error.headers)
