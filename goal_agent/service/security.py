"""Protects the service from other sites' pages: allowed hosts and origins, and headers."""

import re
from collections.abc import Collection
from ipaddress import IPv6Address
from urllib.parse import urlsplit

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from goal_agent.service.problems import CrossSite

LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")
"""Names of this machine that no other site can point elsewhere. Any port is allowed."""

HOST = re.compile(r"\*|(\*\.)?[\w-]+(\.[\w-]+)*|\[[0-9A-Fa-f:.]+\]", re.ASCII)

HEADERS = {
    # Nothing from other hosts, no inline script, not inside another site's frame.
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; object-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


class ProtectiveHeaders:
    """ASGI middleware that adds `HEADERS` to every response; only static files may be cached."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and its response back with the headers."""

        async def protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                if not scope["path"].startswith("/static/"):
                    headers["Cache-Control"] = "no-store"
            await send(message)

        await self._app(scope, receive, protected)


def allowed_hosts(listening_on: str, also: str) -> list[str]:
    """Return the names that the service answers to.

    Args:
        listening_on: The address it listens on; one that means any address names no host.
        also: More of them, separated by commas: `agent.example.com, *.example.org, 10.0.0.7`.

    Raises:
        ValueError: One is not a host name, an address, or a wildcard; names it.
    """
    names = [name for part in [listening_on, *also.split(",")] if (name := part.strip())]
    hosts = {*LOCAL_HOSTS, *(f"[{name}]" if is_ipv6(name) else name for name in names)}
    for host in hosts:
        if not HOST.fullmatch(host):
            raise ValueError(f"{host!r} is not a host name; leave out scheme and port")
    return sorted(hosts - {"0.0.0.0", "[::]"})


def is_ipv6(name: str) -> bool:
    """Return whether a name is an IPv6 address, without brackets."""
    try:
        return IPv6Address(name).version == 6
    except ValueError:
        return False


def refuse_cross_site(request: Request) -> None:
    """Refuse what a page of another site has the user's browser send.

    A form needs nobody's consent to post to another site. Browsers say where a request comes
    from, in a header that no page can set; programs send none, and are let in.

    Raises:
        CrossSite: It comes from a page that is neither ours nor one of the allowed origins.
    """
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        return
    origin = request.headers.get("origin")
    site = request.headers.get("sec-fetch-site")
    ours = origin is None or is_ours(origin, request, request.app.state.hosts)
    if site in {"same-origin", "none"} or (site is None and ours):
        return
    if origin not in request.app.state.origins:
        raise CrossSite("This was sent by a page of another site.")


def is_ours(origin: str, request: Request, hosts: Collection[str]) -> bool:
    """Return whether an origin is this service under one of its hosts' names."""
    try:
        ours, theirs = urlsplit(f"//{request.headers['host']}"), urlsplit(origin)
        if ours.port != theirs.port:
            return False
    except ValueError:
        return False
    name = theirs.netloc.rpartition(":")[0] if theirs.port else theirs.netloc
    return any(matches(name.lower(), pattern.lower()) for pattern in hosts)


def matches(name: str, pattern: str) -> bool:
    """Return whether a host's name is the pattern, or fits its wildcard: `*.example.com`."""
    return name == pattern or (pattern[0] == "*" and name.endswith(pattern[1:]))
