"""Protection from other sites' pages: allowed hosts and origins, and response headers."""

import re
from collections.abc import Collection
from ipaddress import IPv6Address
from urllib.parse import urlsplit

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from goal_agent.web.errors import Kind, ServiceError

LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")
"""Names of this machine, which DNS rebinding cannot use. Any port is allowed."""

HOST = re.compile(r"\*|(\*\.)?[\w-]+(\.[\w-]+)*|\[[0-9A-Fa-f:.]+\]", re.ASCII)

# Nothing from other hosts, no inline script, no framing by other sites.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; object-src 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


class SecurityHeaders:
    """ASGI middleware: adds `HEADERS` to every response; only static files may be cached."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

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

        await self._app(scope, receive, send_with_headers)


def allowed_hosts(listening_on: str, also: str) -> list[str]:
    """Return the host names that the service answers to.

    Args:
        listening_on: The address it listens on; a wildcard address adds no name.
        also: More names, separated by commas: `agent.example.com, *.example.org, 10.0.0.7`.

    Raises:
        ValueError: A name is not a host name, an address, or a wildcard.
    """
    names = [name for part in [listening_on, *also.split(",")] if (name := part.strip())]
    hosts = {*LOCAL_HOSTS, *(f"[{name}]" if _is_ipv6(name) else name for name in names)}
    for host in hosts:
        if not HOST.fullmatch(host):
            raise ValueError(f"{host!r} is not a host name; leave out scheme and port")
    return sorted(hosts - {"0.0.0.0", "[::]"})


def refuse_cross_site(request: Request) -> None:
    """Refuse a request that changes something and comes from a page of another site.

    Any site's form can post to any other. Browsers name the origin in headers that pages cannot
    set; other clients send none and are accepted.

    Raises:
        ServiceError: CrossSite: the page is neither ours nor of an allowed origin.
    """
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        return
    origin = request.headers.get("origin")
    site = request.headers.get("sec-fetch-site")
    ours = origin is None or _is_ours(origin, request, request.app.state.hosts)
    if site in {"same-origin", "none"} or (site is None and ours):
        return
    if origin not in request.app.state.origins:
        raise ServiceError(Kind.CrossSite)


def _is_ipv6(name: str) -> bool:
    try:
        return IPv6Address(name).version == 6
    except ValueError:
        return False


def _is_ours(origin: str, request: Request, hosts: Collection[str]) -> bool:
    """Return whether an origin is this service under one of its host names."""
    try:
        ours, theirs = urlsplit(f"//{request.headers['host']}"), urlsplit(origin)
        if ours.port != theirs.port:
            return False
    except ValueError:
        return False
    name = theirs.netloc.rpartition(":")[0] if theirs.port else theirs.netloc
    return any(_matches(name.lower(), pattern.lower()) for pattern in hosts)


def _matches(name: str, pattern: str) -> bool:
    return name == pattern or (pattern[0] == "*" and name.endswith(pattern[1:]))
