"""Serves a web app to its own pages and to programs, and rejects pages of other sites.

Only services import this module: it needs starlette and uvicorn.
"""

from durable_agents.errors import SettingsError

import os
import re
import socket
from collections.abc import Collection, Sequence

import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")
HOST_NAME = re.compile(r"(\*\.)?[\w-]+(\.[\w-]+)*|\[[0-9A-Fa-f:.]+\]|\*", re.ASCII)

# Nothing from other hosts, no inline script, no framing by other sites.
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; object-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


class Protected:
    """An app that other sites' pages cannot use: responds 400 to unknown hosts, 403 to other sites.

    Every response, errors included, gets `HEADERS` unless the app sets its own; only `/static/`
    may be cached.

    Args:
        app: The app to protect.
        hosts: Host names to serve, on any port; `*.example.com` covers all subdomains. A site could
            point any other name here (DNS rebinding).
        origins: Other sites whose pages may use the app, such as `https://example.com`.
    """

    def __init__(
        self, app: ASGIApp, hosts: Sequence[str] = LOCAL_HOSTS, origins: Collection[str] = ()
    ) -> None:
        self._app = TrustedHostMiddleware(app, list(hosts), www_redirect=False)
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if not scope["path"].startswith("/static/"):
                    headers["Cache-Control"] = "no-store"
            await send(message)

        app: ASGIApp = self._app
        if scope["type"] == "http" and self._is_foreign(scope["method"], Headers(scope=scope)):
            app = PlainTextResponse("This request was sent by a page of another site.", 403)
        await app(scope, receive, send_with_headers)

    def _is_foreign(self, method: str, headers: Headers) -> bool:
        return headers.get("origin") not in self._origins and _is_cross_site(method, headers)


def _is_cross_site(method: str, headers: Headers) -> bool:
    """Return whether a page of another site sent a request that may change something.

    Browsers name the origin in headers that pages cannot set; programs send none.
    """
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if method in ("GET", "HEAD", "OPTIONS") or site in ("same-origin", "none"):
        return False
    return bool(site) or (origin is not None and origin.partition("://")[2] != headers.get("host"))


def allowed_hosts(listening_on: str) -> list[str]:
    """Return the host names to serve: local ones, the address, and those in `ALLOWED_HOSTS`.

    Raises:
        SettingsError: A name is not a host name, an address, or a wildcard.
    """
    listed = [listening_on, *os.environ.get("ALLOWED_HOSTS", "").split(",")]
    names = [name for part in listed if (name := part.strip())]
    hosts = {*LOCAL_HOSTS, *(f"[{name}]" if ":" in name else name for name in names)}
    for host in hosts:
        if not HOST_NAME.fullmatch(host):
            problem = f"ALLOWED_HOSTS: {host} is not a host name; leave out scheme and port"
            raise SettingsError(problem)
    return sorted(hosts - {"0.0.0.0", "[::]"})


async def serve_app(app: Starlette, host: str, port: int, origins: Collection[str] = ()) -> None:
    """Print the address of `app`, and serve it, `Protected`, until SIGINT or SIGTERM.

    Event streams must end once `app.state.is_stopping()` is true, or they are cut off after 5 s.

    Raises:
        SettingsError: The address cannot be used, or `ALLOWED_HOSTS` is invalid.
    """
    protected = Protected(app, allowed_hosts(host), origins)
    config = uvicorn.Config(protected, log_level="warning", timeout_graceful_shutdown=5)
    server = uvicorn.Server(config)
    app.state.is_stopping = lambda: server.should_exit
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as error:
        raise SettingsError(f"{host}:{port} cannot be used ({error})") from error
    with listener:
        name = f"[{host}]" if ":" in host else host
        print(f"Serving on http://{name}:{listener.getsockname()[1]}", flush=True)
        await server.serve([listener])
