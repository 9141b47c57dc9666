"""Where the service listens."""

import contextlib
import socket

USUAL_PORT = 8000


def listening(host: str, port: int | None) -> socket.socket:
    """Return a socket that listens on `port`; without one, on the usual or any free port.

    Raises:
        OSError: The address cannot be used.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    if port is None:
        with contextlib.suppress(OSError):
            return socket.create_server((host, USUAL_PORT), family=family)
    return socket.create_server((host, port or 0), family=family)


def address_of(opened: socket.socket) -> str:
    """Return the address of a listening socket, as a browser takes it."""
    host, port, *_ = opened.getsockname()
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
