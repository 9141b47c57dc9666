"""The record of all model requests, for whoever wants to count them or wait for them."""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from offline_model.json_text import Json

_KEPT = 10_000
_MAX_BODY_BYTES = 256 * 1024 * 1024


@dataclass
class Call:
    """One model request.

    Attributes:
        path: Where it was sent.
        body: What was sent. Empty if it was not a JSON object, and in old calls, when the bodies
            of all calls are more than 256 MiB.
        status: The HTTP status of the answer. None before it, and if the connection was dropped.
        fault: The fault that it was given, as `KIND` or `KIND:SECONDS`.
        applied: False if the fault made no sense for this request, which was answered normally.
        disconnected: When the client closed the connection before the whole answer was sent, as
            `time.monotonic()`. None if it did not.
    """

    path: str
    body: Json = field(default_factory=dict)
    status: int | None = None
    fault: str | None = None
    applied: bool = True
    disconnected: float | None = None


class CallLog:
    """The last calls, for any thread to read."""

    def __init__(self) -> None:
        self._calls: deque[Call] = deque(maxlen=_KEPT)
        self._bodies: deque[tuple[Call, int]] = deque()
        self._body_bytes = 0
        self._changed = threading.Condition()

    def begin(self, path: str) -> Call:
        """Record a request that has just come in."""
        with self._changed:
            call = Call(path)
            self._calls.append(call)
            self._changed.notify_all()
            return call

    def receive(self, call: Call, body: Json, size: int) -> None:
        """Record what was sent, and forget the oldest bodies beyond the limit.

        Args:
            call: The call.
            body: Its body.
            size: Of the body, in bytes.
        """
        with self._changed:
            call.body = body
            self._bodies.append((call, size))
            self._body_bytes += size
            while self._body_bytes > _MAX_BODY_BYTES:
                oldest, freed = self._bodies.popleft()
                oldest.body = {}
                self._body_bytes -= freed
            self._changed.notify_all()

    def end(self, call: Call, status: int | None) -> None:
        """Record how a request was answered."""
        with self._changed:
            call.status = status
            self._changed.notify_all()

    def disconnect(self, call: Call) -> None:
        """Record that the client closed the connection before it had the whole answer."""
        with self._changed:
            call.disconnected = time.monotonic()
            self._changed.notify_all()

    def all(self) -> tuple[Call, ...]:
        """Return the calls, oldest first."""
        with self._changed:
            return tuple(self._calls)

    def wait_until(self, condition: Callable[[tuple[Call, ...]], bool], timeout: float) -> bool:
        """Wait for the calls to meet a condition. Return False if they did not in time."""
        with self._changed:
            return self._changed.wait_for(lambda: condition(tuple(self._calls)), timeout)
