"""Decodes payloads for the Temporal CLI and the Web UI, which have no keys.

`POST /decode` and `POST /encode` take and return `{"payloads": [...]}`. Every caller can
read all payloads, so `authorize` decides about each request.
"""

from durable_agents.encryption import DecryptionError

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Collection, Sequence

from google.protobuf import json_format
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.converter import PayloadCodec

MAX_BODY_BYTES = 8_000_000
"""A server message of 4 MiB is 5.6 MB as JSON."""
BODY_TIMEOUT = 10.0
"""Seconds in which a client has to send its request."""

Authorize = Callable[[Request], bool]
Transform = Callable[[Sequence[Payload]], Awaitable[list[Payload]]]


def allow_all(request: Request) -> bool:
    """Allow every request: only for a port that no one else can reach."""
    return True


def allow_header(value: str) -> Authorize:
    """Return a hook that allows requests with this `Authorization` header.

    Replace it for the Web UI's users: verify the token that your identity provider has issued, and
    check that the user may read the namespace in `request.headers["x-namespace"]`.
    """

    def authorize(request: Request) -> bool:
        given = request.headers.get("authorization", "")
        return hmac.compare_digest(given.encode(), value.encode())

    return authorize


def create_app(codec: PayloadCodec, authorize: Authorize, origins: Collection[str]) -> Starlette:
    """Return the app. `serve_app` rejects the pages of other sites than `origins`."""

    def endpoint(transform: Transform) -> Callable[[Request], Awaitable[Response]]:
        async def respond(request: Request) -> Response:
            if not authorize(request):
                return PlainTextResponse("The Authorization header is missing or invalid.", 401)
            return await _transform(request, transform)

        return respond

    cors = Middleware(
        CORSMiddleware,
        allow_origins=list(origins),
        allow_methods=["POST"],
        allow_headers=["authorization", "content-type", "x-namespace"],
    )
    routes = [
        Route("/decode", endpoint(codec.decode), methods=["POST"]),
        Route("/encode", endpoint(codec.encode), methods=["POST"]),
    ]
    return Starlette(routes=routes, middleware=[cors])


async def _transform(request: Request, transform: Transform) -> Response:
    try:
        async with asyncio.timeout(BODY_TIMEOUT):
            body = await _read(request)
        payloads = json_format.Parse(body, Payloads()).payloads
        result = json_format.MessageToJson(Payloads(payloads=await transform(payloads)))
    except TimeoutError:
        return PlainTextResponse(f"The body did not arrive within {BODY_TIMEOUT:g} s.", 408)
    except BodyTooLarge:
        return PlainTextResponse(f"The body exceeds {MAX_BODY_BYTES:,} bytes.", 413)
    except (json_format.ParseError, UnicodeDecodeError, RecursionError):
        return PlainTextResponse('The body is not {"payloads": [...]} in JSON.', 400)
    except DecryptionError as error:
        return PlainTextResponse(str(error), 422)
    return Response(result, media_type="application/json")


class BodyTooLarge(Exception):
    """A request's body exceeds `MAX_BODY_BYTES`."""


async def _read(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise BodyTooLarge
    return bytes(body)
