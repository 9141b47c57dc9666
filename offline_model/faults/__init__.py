"""Faults: the kinds, and which request receives which one.

`wire.py` holds the faults of HTTP and of the JSON that is sent, `replies.py` those of a model that
replies with the wrong thing, `offline_model/streams.py` those of streams.
"""

import random
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

HEADER = "x-offline-fault"


def _kinds(*lines: str) -> tuple[str, ...]:
    return tuple(" ".join(lines).split())


# A retry succeeds: the next request without the fault is answered.
TRANSIENT = _kinds(
    "408 409 429 500 502 503 504",
    "retry_after_date retry_after_past retry_after_negative retry_after_nan retry_after_text",
    "slow stall drop truncate html malformed_body gzip_garbage",
    "response_failed stream_error unfinished_stream",
)
# Throttled for longer than a run should wait. Transient as well.
THROTTLED = _kinds("retry_after_day retry_after_infinite")
# HTTP errors that no retry changes.
REFUSED = _kinds(
    "400 401 403 404 413 422 context_length_exceeded insufficient_quota key_echo",
    "refused_with_retry_after refused_with_retry_after_date redirect_loop",
)
# HTTP 200 with an unusable answer. No retry changes it.
SPOILED = _kinds(
    # the body
    "http_204 blank_body empty_object null_body list_body text_body bad_utf8 deep_body",
    "huge_number_body gzip_bomb error_with_200",
    # the envelope
    "missing_output null_output object_output no_choices null_item text_item number_id",
    "bad_usage text_usage_counts null_usage_counts nan_usage unfinished_status",
    "incomplete_max_output_tokens incomplete_content_filter incomplete_text incomplete_call",
    "response_rejected",
    # messages
    "null_content number_content text_content list_content null_part number_text null_text",
    # calls
    "unknown_item_type missing_item_type null_tool_call null_function",
    "number_tool_name null_tool_name blank_tool_name long_tool_name lone_surrogate_tool_name",
    "null_arguments number_arguments object_arguments deep_arguments deep_handoff huge_arguments",
    "null_call_id empty_call_id number_call_id duplicate_call_id many_calls",
    # content
    "empty_content empty_text blank_text reasoning_only huge_answer deep_output",
)
# Odd answers that are usable, repairable, or for the model to correct.
ODD = _kinds(
    "lone_surrogate_text lone_surrogate_arguments escaped_surrogate_arguments",
    "escaped_surrogate_output nul_text nul_arguments nan_arguments huge_number_arguments",
    "huge_number_output list_arguments blank_arguments duplicate_keys many_items refusal",
    "negative_usage missing_usage null_usage null_id null_model wrong_content_type",
    "unknown_status unknown_role unknown_part_type unknown_field unknown_event",
)
# A valid answer in which the model does the wrong thing.
BEHAVIOUR = _kinds(
    "unknown_tool malformed_arguments wrong_arguments malformed_output wrong_output tool_loop",
    "empty",
)
GROUPS = {
    "transient": TRANSIENT,
    "throttled": THROTTLED,
    "refused": REFUSED,
    "spoiled": SPOILED,
    "odd": ODD,
    "behaviour": BEHAVIOUR,
}
KINDS = tuple(kind for group in GROUPS.values() for kind in group)

_DEFAULT_SECONDS = {"429": 1.0, "slow": 1.0, "stall": 1.0, "retry_after_date": 2.0}


@dataclass(frozen=True)
class Fault:
    """A kind of fault, and the seconds that it takes or asks the client to wait."""

    kind: str
    seconds: float = 0.0

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse `KIND` or `KIND:SECONDS`.

        Raises:
            ValueError: The kind is unknown, or the seconds are not a number of at least 0.
        """
        kind, _, seconds = text.strip().partition(":")
        if kind not in KINDS:
            raise ValueError(f"Unknown fault {kind!r}. Known faults: {', '.join(KINDS)}.")
        if not seconds:
            return cls(kind, _DEFAULT_SECONDS.get(kind, 0.0))
        if kind not in _DEFAULT_SECONDS or not seconds.replace(".", "", 1).isdecimal():
            timed = ", ".join(_DEFAULT_SECONDS)
            raise ValueError(f"{text!r}: only {timed} take seconds, as in slow:0.5.")
        return cls(kind, float(seconds))

    def __str__(self) -> str:
        return f"{self.kind}:{self.seconds:g}" if self.kind in _DEFAULT_SECONDS else self.kind


class Faults:
    """Chooses the fault of each model request. Thread-safe.

    The request's own header wins over `next`, `next` over `always`, `always` over the rate.

    Args:
        rate: The share of requests that fail, from 0 to 1.
        kinds: The kinds that the rate picks from.
        seed: Makes the picks reproducible.
        limit: The maximum number of faults that the rate injects in total.
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
            raise ValueError(f"rate is {rate}; the limits are 0 and 1.")
        self._rate = rate
        self._kinds = [Fault.parse(kind) for kind in kinds]
        self._random = random.Random(seed)
        self._left = limit
        self._scripted: deque[Fault] = deque()
        self._always: Fault | None = None
        self._lock = threading.Lock()

    def next(self, *kinds: str) -> None:
        """Inject these faults into the next requests, one each."""
        faults = [Fault.parse(kind) for kind in kinds]
        with self._lock:
            self._scripted.extend(faults)

    def always(self, kind: str) -> None:
        """Inject this fault into every request until `clear`."""
        fault = Fault.parse(kind)
        with self._lock:
            self._always = fault

    def clear(self) -> None:
        """Cancel `next` and `always`, and set the rate to 0."""
        with self._lock:
            self._scripted.clear()
            self._always = None
            self._rate = 0.0

    def choose(self, header: str | None = None) -> Fault | None:
        """Return the fault of a new request.

        Raises:
            ValueError: The header is not a known fault.
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
