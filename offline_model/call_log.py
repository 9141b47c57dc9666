"""The log of model requests, for tests and tools that count them or wait for them."""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from offline_model.json_text import Json

_MAX_CALLS = 10_000
_MAX_BODY_BYTES = 256 * 1024 * 1024


@dataclass
class Call:
    """One model request.

    Attributes:
        path: The path of the request.
        body: The JSON object that was sent. Empty if it was not one, and in the oldest calls once
            the bodies exceed 256 MiB.
        status: The HTTP status of the answer. None while pending, and if the connection was
            dropped.
        fault: The injected fault, as `KIND` or `KIND:SECONDS`.
        applied: False if the fault did not fit this request, which was answered normally.
        disconnected: When the client disconnected before the whole answer was sent, as
            `time.monotonic()`. None if it did not.
    """

    path: str
    body: Json = field(default_factory=dict)
    status: int | None = None
    fault: str | None = None
    applied: bool = True
    disconnected: float | None = None


class CallLog:
    """The last 10,000 calls. Any thread may read it."""

    def __init__(self) -> None:
        self._calls: deque[Call] = deque(maxlen=_MAX_CALLS)
        self._bodies: deque[tuple[Call, int]] = deque()
        self._body_bytes = 0
        self._changed = threading.Condition()

    def start(self, path: str) -> Call:
        """Record a new request."""
        with self._changed:
            call = Call(path)
            self._calls.append(call)
            self._changed.notify_all()
            return call

    def receive(self, call: Call, body: Json, size: int) -> None:
        """Record the body of a request and its size in bytes. Drop the oldest over the limit."""
        with self._changed:
            call.body = body
            self._bodies.append((call, size))
            self._body_bytes += size
            while self._body_bytes > _MAX_BODY_BYTES:
                oldest, freed = self._bodies.popleft()
                oldest.body = {}
                self._body_bytes -= freed
            self._changed.notify_all()

    def finish(self, call: Call, status: int) -> None:
        """Record the status of the answer."""
        with self._changed:
            call.status = status
            self._changed.notify_all()

    def disconnect(self, call: Call) -> None:
        """Record that the client disconnected before it had the whole answer."""
        with self._changed:
            call.disconnected = time.monotonic()
            self._changed.notify_all()

    def all(self) -> tuple[Call, ...]:
        """Return the calls, oldest first."""
        with self._changed:
            return tuple(self._calls)

    def wait_until(self, condition: Callable[[tuple[Call, ...]], bool], timeout: float) -> bool:
        """Wait until the calls meet a condition. Return False after `timeout` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: condition(tuple(self._calls)), timeout)
