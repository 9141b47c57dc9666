"""What crosses the wire: arguments match their type hints, values fit, failures stay readable.

The agents plugin's converter builds what it can from bad input: a pydantic argument may arrive as a
plain `dict` and break the run much later. Temporal's size limits are checked outside workflow code,
where nothing can catch them: the workflow task fails and is retried forever. The converters here
raise a typed error instead, in the code that caused it.
"""

from durable_agents.errors import InvalidInput, TooLarge, describe_validation_error
from durable_agents.handlers import argument_name, hints_of_pending_update
from durable_agents.redaction import redact, well_formed

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache, lru_cache
from itertools import zip_longest
from typing import Any, ClassVar, get_args

from pydantic import TypeAdapter, ValidationError
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.common import RawValue
from temporalio.converter import DataConverter, DefaultFailureConverter, PayloadConverter
from temporalio.exceptions import ApplicationError, FailureError
from temporalio.openai_agents import OpenAIPayloadConverter

MAX_PAYLOAD_BYTES = 2_090_000
"""The server refuses a message above 2 MiB, of which its frame takes some."""

MAX_MESSAGE_LENGTH = 20_000
"""Characters of a failure's message."""

MAX_CAUSES = 10
"""Causes of a failure. The worker cannot decode what is nested a hundred deep, and hangs."""

MAX_STACK_TRACE_LENGTH = 1_500
"""Characters of a failure's stack trace. The server shows a pending activity's last failure only
up to 4 kB."""

_SDK_PACKAGES = {"agents", "mcp", "mcp_types", "openai", "temporalio"}


class StrictPayloadConverter(OpenAIPayloadConverter):
    """Encodes and decodes as the agents plugin does, but rejects what does not fit.

    The SDKs' own types keep the plugin's lenient decoding: they drift from live data.
    """

    max_bytes: ClassVar[int | None] = MAX_PAYLOAD_BYTES

    def to_payloads(self, values: Sequence[Any]) -> list[Payload]:
        """Encode `values`.

        Raises:
            TooLarge: Together they exceed `max_bytes`.
        """
        payloads = super().to_payloads(values)
        if self.max_bytes is not None:
            size = sum(payload.ByteSize() for payload in payloads)
            if size > self.max_bytes:
                raise TooLarge("one message", size, self.max_bytes)
        return payloads

    def from_payloads(
        self, payloads: Sequence[Payload], type_hints: list[type] | None = None
    ) -> list[Any]:
        """Decode `payloads`.

        Raises:
            InvalidInput: A value does not fit its hint; names the argument and what would be right.
        """
        hints = type_hints or hints_of_pending_update(len(payloads))
        return [self._decode(n, *pair) for n, pair in enumerate(zip_longest(payloads, hints))]

    def _decode(self, position: int, payload: Payload, hint: type | None) -> Any:
        encoding = payload.metadata.get("encoding", b"").decode(errors="replace")
        if encoding == "binary/null":  # decodes to None, whatever the hint says
            encoding, payload = "json/plain", Payload(data=b"null", metadata=_JSON)
        if encoding == "json/plain" and not _is_lenient(hint):
            try:
                return _adapter(hint).validate_json(payload.data, by_alias=True, by_name=True)
            except ValidationError as error:
                name = _name(position, hint)
                raise InvalidInput(describe_validation_error(error, name)) from None
        if encoding == "binary/plain" and hint is not bytes and not _is_lenient(hint):
            raise InvalidInput(f"{_name(position, hint)}: raw bytes; it should be JSON")
        try:
            return super().from_payloads([payload], [hint] if hint else None)[0]
        except Exception as error:  # whatever a foreign client sent: no retry makes it readable
            what = f"cannot be decoded ({type(error).__name__}); its encoding is {encoding!r}"
            raise InvalidInput(f"{_name(position, hint)}: {what}") from None


class BoundedFailureConverter(DefaultFailureConverter):
    """Encodes failures so that they always fit, can be read, and carry no credentials."""

    def to_failure(
        self, exception: BaseException, payload_converter: PayloadConverter, failure: Failure
    ) -> None:
        """Encode `exception`; if that cannot be done, encode why instead."""
        cause = exception.__cause__
        untyped = isinstance(exception, ApplicationError) and exception.type is None
        if untyped and isinstance(cause, InvalidInput | TooLarge):
            exception = cause  # the SDK raised "Failed decoding arguments" from it
        try:
            return super().to_failure(exception, payload_converter, failure)
        except TooLarge as error:  # its details, or those of a cause
            plain: BaseException = TooLarge(*error.measured)
        except (UnicodeError, RecursionError):  # lone surrogates; hundreds of causes
            name = getattr(exception, "type", None) or type(exception).__name__
            plain = ApplicationError(
                well_formed(getattr(exception, "message", str(exception))),
                type=name,
                non_retryable=getattr(exception, "non_retryable", False),
            )
        failure.Clear()
        return super().to_failure(plain, payload_converter, failure)

    # Private in the SDK: the one place before a failure's text may move into an encoded payload.
    def _error_to_failure(
        self, error: FailureError, payload_converter: PayloadConverter, failure: Failure
    ) -> None:
        super()._error_to_failure(error, payload_converter, failure)
        innermost = failure
        for _ in range(MAX_CAUSES):
            innermost = innermost.cause if innermost.HasField("cause") else innermost
        innermost.ClearField("cause")
        failure.message = redact(failure.message)[:MAX_MESSAGE_LENGTH]
        failure.stack_trace = redact(failure.stack_trace)[-MAX_STACK_TRACE_LENGTH:]


def durable_data_converter(
    converter: DataConverter | None, max_bytes: int | None = MAX_PAYLOAD_BYTES
) -> DataConverter:
    """Return `converter` with strict payloads and bounded failures; its codec and storage stay.

    Args:
        converter: The data converter to extend.
        max_bytes: The limit of one message, before codec and storage; None for no limit, which is
            right with external storage.
    """
    converter = converter or DataConverter()
    return replace(
        converter,
        payload_converter_class=_payload_converter_class(max_bytes),
        failure_converter_class=_failure_converter_class(converter.failure_converter_class),
    )


@cache
def _payload_converter_class(max_bytes: int | None) -> type[StrictPayloadConverter]:
    if max_bytes == StrictPayloadConverter.max_bytes:
        return StrictPayloadConverter
    return type("SizedPayloadConverter", (StrictPayloadConverter,), {"max_bytes": max_bytes})


@cache
def _failure_converter_class(base: type[Any]) -> type[Any]:
    """Return the bounded converter on top of `base`, which may encode what failures say."""
    if base is DefaultFailureConverter:
        return BoundedFailureConverter
    if issubclass(base, BoundedFailureConverter) or not issubclass(base, DefaultFailureConverter):
        return base
    return type("BoundedFailures", (BoundedFailureConverter, base), {})


_JSON = {"encoding": b"json/plain"}


@lru_cache(maxsize=128)
def _adapter(hint: Any) -> TypeAdapter[Any]:
    return TypeAdapter(hint)


def _name(position: int, hint: Any) -> str:
    """Return what to call an argument: by its name, or while a workflow starts by its place."""
    if name := argument_name(position):
        return name
    kind = re.sub(r"\w+\.", "", getattr(hint, "__name__", str(hint))).removesuffix(" | None")
    return f"argument {position + 1} ({kind})"


def _is_lenient(hint: Any) -> bool:
    """Whether a hint is absent, raw, or made of the SDKs' own types."""
    parts = [hint, *get_args(hint)]
    return hint in (None, Any, RawValue) or any(
        getattr(part, "__module__", "").split(".")[0] in _SDK_PACKAGES
        or (part is not hint and get_args(part) and _is_lenient(part))
        for part in parts
    )
