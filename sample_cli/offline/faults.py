"""Faults on purpose: which request gets which one, by header, by script, for all, or by rate."""

import random
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

HEADER = "x-offline-fault"

TRANSPORT = ("429", "500", "503", "400", "401", "403", "slow", "drop", "truncate", "html")
BEHAVIOUR = (
    "unknown_tool",
    "malformed_arguments",
    "wrong_arguments",
    "malformed_output",
    "wrong_output",
    "tool_loop",
    "empty",
)
KINDS = TRANSPORT + BEHAVIOUR

_DEFAULT_SECONDS = {"429": 1.0, "slow": 1.0}


@dataclass(frozen=True)
class Fault:
    """One fault: its kind, and the seconds that go with `429` (retry after) and `slow`."""

    kind: str
    seconds: float = 0.0

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `KIND` or `KIND:SECONDS`.

        Raises:
            ValueError: The kind is unknown, or the seconds are not a number from 0 up.
        """
        kind, _, seconds = text.strip().partition(":")
        if kind not in KINDS:
            raise ValueError(f"Unknown fault {kind!r}. Known faults: {', '.join(KINDS)}.")
        if not seconds:
            return cls(kind, _DEFAULT_SECONDS.get(kind, 0.0))
        if kind not in _DEFAULT_SECONDS or not seconds.replace(".", "", 1).isdecimal():
            raise ValueError(f"{text!r}: seconds go with 429 and slow only, as in slow:0.5.")
        return cls(kind, float(seconds))

    @property
    def is_behaviour(self) -> bool:
        """Whether the model misbehaves, rather than the connection to it."""
        return self.kind in BEHAVIOUR

    def __str__(self) -> str:
        return f"{self.kind}:{self.seconds:g}" if self.kind in _DEFAULT_SECONDS else self.kind


class Faults:
    """Decides the fault of each model request. All methods may be called from any thread.

    A request's own header comes first, then what `next` scripted, then `always`, then the rate.

    Args:
        rate: The share of requests that fail, from 0 to 1.
        kinds: The kinds that the rate picks from.
        seed: Makes the picks the same each time.
        limit: How many faults the rate may cause in all.
    """

    def __init__(
        self,
        *,
        rate: float = 0.0,
        kinds: Sequence[str] = ("429:0.5", "500", "503", "drop"),
        seed: int = 0,
        limit: int | None = None,
    ) -> None:
        if not 0 <= rate <= 1:
            raise ValueError(f"A rate is from 0 to 1, not {rate}.")
        self._rate = rate
        self._kinds = [Fault.parse(kind) for kind in kinds]
        self._random = random.Random(seed)
        self._left = limit
        self._scripted: deque[Fault] = deque()
        self._always: Fault | None = None
        self._lock = threading.Lock()

    def next(self, *kinds: str) -> None:
        """Give the next requests these faults, one each."""
        faults = [Fault.parse(kind) for kind in kinds]
        with self._lock:
            self._scripted.extend(faults)

    def always(self, kind: str) -> None:
        """Give every request this fault, until `clear`."""
        fault = Fault.parse(kind)
        with self._lock:
            self._always = fault

    def clear(self) -> None:
        """Forget what `next` and `always` asked for, and stop the rate."""
        with self._lock:
            self._scripted.clear()
            self._always = None
            self._rate = 0.0

    def choose(self, header: str | None = None) -> Fault | None:
        """Return the fault of the request that has just come in.

        Raises:
            ValueError: The header names no known fault.
        """
        if header:
            return Fault.parse(header)
        with self._lock:
            if self._scripted:
                return self._scripted.popleft()
            return self._always or self._by_rate()

    def _by_rate(self) -> Fault | None:
        if not self._rate or self._left == 0 or self._random.random() >= self._rate:
            return None
        if self._left is not None:
            self._left -= 1
        return self._random.choice(self._kinds)
