"""Payloads: values match their type hints and fit, and failures stay readable.

The agents plugin's converter builds what it can from bad input: a pydantic argument may arrive as a
plain `dict` and break the run much later. Temporal checks size limits outside workflow code, where
nothing can catch the error: the workflow task fails and is retried forever, or the server
terminates the workflow. The converters here raise a typed error instead, in the code that caused
it.
"""

from durable_agents.encryption import encrypted
from durable_agents.errors import InvalidInput, TooLarge, describe_validation_error
from durable_agents.model_calls import with_plain_items
from durable_agents.redaction import redact, well_formed

from collections.abc import Sequence
from contextvars import ContextVar
from copy import deepcopy
from dataclasses import replace
from functools import lru_cache
from itertools import zip_longest
from typing import Any, ClassVar, get_args

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json
from temporalio import workflow
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.common import RawValue
from temporalio.converter import DataConverter, DefaultFailureConverter
from temporalio.exceptions import ApplicationError
from temporalio.openai_agents import OpenAIPayloadConverter

MAX_PAYLOAD_BYTES = 2_090_000  # of one message; the server accepts 2 MiB, part of which is framing
MAX_TASK_BYTES = 4_000_000  # of one workflow task; gRPC accepts 4 MiB, part of which is framing
MAX_MESSAGE_LENGTH = 20_000  # characters of a failure's message
MAX_CAUSES = 10  # of a failure; a worker hangs when it decodes a hundred
MAX_STACK_TRACE_LENGTH = 1_500  # characters; of a pending activity's failure, the server shows 4 kB

is_sent = ContextVar("is_sent", default=True)
"""Whether what is encoded is sent to the server; False for the input of a local activity."""

_SDK_PACKAGES = {"agents", "mcp", "mcp_types", "openai", "temporalio"}
# Shared for its cache: a validator of model input takes 0.1 s to build, and with external storage,
# temporalio creates a new converter for each activity.
_lenient = OpenAIPayloadConverter()


class StrictPayloadConverter(OpenAIPayloadConverter):
    """Encodes and decodes as the agents plugin does, but rejects values that do not fit.

    A run has a converter of its own, which adds up what each workflow task sends. Replay adds up
    the same sizes, so it raises the same errors.
    """

    is_limited: ClassVar[bool] = True
    _task = _sent = 0

    def __init__(self) -> None:
        """Share the encoders: temporalio creates several converters for each workflow task."""
        self.converters = _lenient.converters

    def to_payloads(self, values: Sequence[Any]) -> list[Payload]:
        """Encode `values`.

        Raises:
            TooLarge: Together they exceed `MAX_PAYLOAD_BYTES`, or all that this workflow task sends
                exceeds `MAX_TASK_BYTES`.
        """
        payloads = super().to_payloads(values)
        if self.is_limited and is_sent.get():
            self._check_size(sum(payload.ByteSize() for payload in payloads))
        return payloads

    def _check_size(self, size: int) -> None:
        if size > MAX_PAYLOAD_BYTES:
            raise TooLarge("one message", size, MAX_PAYLOAD_BYTES)
        # Replay does not repeat queries and validators, which are read-only.
        if workflow.in_workflow() and not workflow.unsafe.is_read_only():
            task = workflow.info().get_current_history_length()
            sent = size + (self._sent if task == self._task else 0)
            if sent > MAX_TASK_BYTES:
                raise TooLarge("everything sent at once", sent, MAX_TASK_BYTES)
            self._task, self._sent = task, sent

    def from_payloads(self, payloads: Sequence[Payload], type_hints: Any = None) -> list[Any]:
        """Decode `payloads`; raise InvalidInput if a value does not fit its hint."""
        pairs = enumerate(zip_longest(payloads, type_hints or []), start=1)
        return [decode(payload, hint, f"argument {n}") for n, (payload, hint) in pairs]


def decode(payload: Payload, hint: Any, name: str) -> Any:
    """Return a payload's value as its type hint, if there is one.

    Raises:
        InvalidInput: The value does not fit; the message calls it `name`.
    """
    encoding = payload.metadata.get("encoding", b"").decode(errors="replace")
    try:
        adapter = _strict_adapter(hint)
        if adapter and encoding in ("json/plain", "binary/null"):
            data = payload.data if encoding == "json/plain" else b"null"
            return adapter.validate_json(data, by_alias=True, by_name=True)
        if adapter and hint is not bytes and encoding == "binary/plain":
            raise TypeError("raw bytes")
        return _lenient.from_payloads([payload], [with_plain_items(hint)] if hint else None)[0]
    except ValidationError as error:
        problem = describe_validation_error(error, name)
    except Exception as error:  # a foreign client may send anything
        problem = f"{name}: cannot be decoded ({type(error).__name__}, encoding {encoding!r})"
    raise InvalidInput(problem)


@lru_cache(maxsize=128)
def _strict_adapter(hint: Any) -> TypeAdapter[Any] | None:
    """Return the validator of a type hint; None if it is absent, raw, or one of the SDKs' types.

    The SDKs' own types keep the plugin's lenient decoding: they drift from live data.
    """
    if hint in (None, Any, RawValue) or _has_sdk_type(hint):
        return None
    return TypeAdapter(hint)


def _has_sdk_type(hint: Any) -> bool:
    package = getattr(hint, "__module__", "").split(".")[0]
    return package in _SDK_PACKAGES or any(map(_has_sdk_type, get_args(hint)))


class BoundedFailureConverter(DefaultFailureConverter):
    """Encodes failures so that they always fit, can be read, and carry no credentials."""

    def to_failure(self, exception: Any, payload_converter: Any, failure: Failure) -> None:
        """Encode `exception`; if that fails, encode the reason instead."""
        cause = exception.__cause__
        untyped = isinstance(exception, ApplicationError) and exception.type is None
        if untyped and isinstance(cause, InvalidInput | TooLarge):
            exception = cause  # the SDK raised "Failed decoding arguments" from it
        converter = deepcopy(payload_converter)  # not counted: replay repeats no rejections
        try:
            return super().to_failure(exception, converter, failure)
        except TooLarge as error:  # its details, or those of a cause
            exception = error
        except (UnicodeError, RecursionError):  # lone surrogates; hundreds of causes
            pass
        plain = ApplicationError(
            well_formed(getattr(exception, "message", str(exception))),
            type=getattr(exception, "type", None) or type(exception).__name__,
            non_retryable=getattr(exception, "non_retryable", False),
        )
        failure.Clear()
        return super().to_failure(plain, converter, failure)

    # Private API of temporalio: the only step before a failure's text may be encoded.
    def _error_to_failure(self, error: Any, payload_converter: Any, failure: Failure) -> None:
        super()._error_to_failure(error, payload_converter, failure)
        innermost = failure
        for _ in range(MAX_CAUSES):
            innermost = innermost.cause if innermost.HasField("cause") else innermost
        innermost.ClearField("cause")
        failure.message = redact(failure.message)[:MAX_MESSAGE_LENGTH]
        failure.stack_trace = redact(failure.stack_trace)[-MAX_STACK_TRACE_LENGTH:]


class _UnlimitedPayloadConverter(StrictPayloadConverter):
    is_limited = False


def durable_data_converter(base: DataConverter | None) -> DataConverter:
    """Return `base` with strict payloads and bounded failures; its codec and storage stay.

    The codec also encrypts if `ENCRYPTION_KEYS` is set.

    The limits are checked before codec and storage, so there are none with external storage, which
    keeps large payloads out of the server.
    """
    base = encrypted(base or DataConverter())
    failures: type[Any] = base.failure_converter_class
    extends_default = issubclass(failures, DefaultFailureConverter)  # it may encode the text
    if extends_default and not issubclass(failures, BoundedFailureConverter):
        failures = type("BoundedFailures", (BoundedFailureConverter, failures), {})
    payloads = _UnlimitedPayloadConverter if base.external_storage else StrictPayloadConverter
    return replace(base, payload_converter_class=payloads, failure_converter_class=failures)


def encoded_size(value: object) -> int:
    """Return the size of a value as JSON, in bytes; raise ValueError if it is invalid Unicode."""
    return len(to_json(value))
