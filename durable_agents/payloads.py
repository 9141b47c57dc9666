"""Payloads: values match their type hints and fit, and failures stay readable.

The agents plugin's converter builds what it can from bad input: a pydantic argument may arrive as a
plain `dict` and break the run much later. Temporal checks size limits outside workflow code, where
nothing can catch the error: the workflow task fails and is retried forever. The converters here
raise a typed error instead, in the code that caused it.
"""

from durable_agents.errors import InvalidInput, TooLarge, describe_validation_error
from durable_agents.redaction import redact, well_formed

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from inspect import Parameter, Signature
from itertools import zip_longest
from typing import Any, ClassVar, get_args

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json
from temporalio import workflow
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.common import RawValue
from temporalio.converter import DataConverter, DefaultFailureConverter, PayloadConverter
from temporalio.exceptions import ApplicationError, FailureError
from temporalio.openai_agents import OpenAIPayloadConverter

MAX_PAYLOAD_BYTES = 2_090_000
"""The server rejects a message above 2 MiB, part of which is framing."""

MAX_MESSAGE_LENGTH = 20_000
"""Characters of a failure's message."""

MAX_CAUSES = 10
"""Causes of a failure. A worker hangs when it decodes a failure nested a hundred levels deep."""

MAX_STACK_TRACE_LENGTH = 1_500
"""Characters. The server shows the last failure of a pending activity only up to 4 kB."""

_SDK_PACKAGES = {"agents", "mcp", "mcp_types", "openai", "temporalio"}


class StrictPayloadConverter(OpenAIPayloadConverter):
    """Encodes and decodes as the agents plugin does, but rejects values that do not fit.

    The SDKs' own types keep the plugin's lenient decoding: they drift from live data.
    """

    max_bytes: ClassVar[int | None] = MAX_PAYLOAD_BYTES

    def to_payloads(self, values: Sequence[Any]) -> list[Payload]:
        """Encode `values`; raise TooLarge if together they exceed `max_bytes`."""
        payloads = super().to_payloads(values)
        size = sum(payload.ByteSize() for payload in payloads)
        if self.max_bytes is not None and size > self.max_bytes:
            raise TooLarge("one message", size, self.max_bytes)
        return payloads

    def from_payloads(
        self, payloads: Sequence[Payload], type_hints: list[type] | None = None
    ) -> list[Any]:
        """Decode `payloads`; raise InvalidInput if a value does not fit its hint."""
        pairs = zip_longest(payloads, type_hints or [])
        return [
            self._decode(payload, hint, _placeholder(number, hint))
            for number, (payload, hint) in enumerate(pairs, start=1)
        ]

    def _decode(self, payload: Payload, hint: Any, name: str) -> Any:
        encoding = payload.metadata.get("encoding", b"").decode(errors="replace")
        try:
            adapter = _strict_adapter(hint)
            if adapter and encoding in ("json/plain", "binary/null"):
                data = payload.data if encoding == "json/plain" else b"null"
                return adapter.validate_json(data, by_alias=True, by_name=True)
            if not adapter or hint is bytes or encoding != "binary/plain":
                return super().from_payloads([payload], [hint] if hint else None)[0]
            problem = f"{name}: raw bytes; it should be JSON"
        except ValidationError as error:
            problem = describe_validation_error(error, name)
        except Exception as error:  # a foreign client may send anything
            reason = f"cannot be decoded ({type(error).__name__}); its encoding is {encoding!r}"
            problem = f"{name}: {reason}"
        raise InvalidInput(problem)


def decode_arguments(declared: Signature, arguments: Sequence[Any]) -> list[Any]:
    """Convert arguments that Temporal decoded without type hints to their `declared` types.

    Raises:
        InvalidInput: An argument does not fit; the message names it and what is expected.
    """
    try:
        declared.bind(*arguments)
    except TypeError as error:
        raise InvalidInput(f"{error}; the arguments are {declared}") from None
    converter = workflow.payload_converter()
    parameters = list(declared.parameters.values())
    parameters += parameters[-1:] * (len(arguments) - len(parameters))  # *args
    decoded: list[Any] = []
    for payload, parameter in zip(converter.to_payloads(arguments), parameters, strict=False):
        hint = Any if parameter.annotation is Parameter.empty else parameter.annotation
        try:
            decoded += converter.from_payloads([payload], [hint])
        except InvalidInput as error:
            message = error.message.replace(_placeholder(1, hint), parameter.name)
            raise InvalidInput(message) from None
    return decoded


class BoundedFailureConverter(DefaultFailureConverter):
    """Encodes failures so that they always fit, can be read, and carry no credentials."""

    def to_failure(
        self, exception: BaseException, payload_converter: PayloadConverter, failure: Failure
    ) -> None:
        """Encode `exception`; if that fails, encode the reason instead."""
        cause = exception.__cause__
        untyped = isinstance(exception, ApplicationError) and exception.type is None
        if untyped and isinstance(cause, InvalidInput | TooLarge):
            exception = cause  # the SDK raised "Failed decoding arguments" from it
        try:
            return super().to_failure(exception, payload_converter, failure)
        except TooLarge as error:  # its details, or those of a cause
            plain: BaseException = TooLarge(*error.measured)
        except (UnicodeError, RecursionError):  # lone surrogates; hundreds of causes
            plain = ApplicationError(
                well_formed(getattr(exception, "message", str(exception))),
                type=getattr(exception, "type", None) or type(exception).__name__,
                non_retryable=getattr(exception, "non_retryable", False),
            )
        failure.Clear()
        return super().to_failure(plain, payload_converter, failure)

    # Private API of temporalio: the only step before a failure's text may be encoded.
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

    `max_bytes` limits one message, before codec and storage; use None with external storage.
    """
    converter = converter or DataConverter()
    failures: type[Any] = converter.failure_converter_class
    extends_default = issubclass(failures, DefaultFailureConverter)  # it may encode the text
    if extends_default and not issubclass(failures, BoundedFailureConverter):
        failures = type("BoundedFailures", (BoundedFailureConverter, failures), {})
    payloads = type("SizedPayloads", (StrictPayloadConverter,), {"max_bytes": max_bytes})
    return replace(converter, payload_converter_class=payloads, failure_converter_class=failures)


def encoded_size(value: object) -> int:
    """Return the size of a value as JSON, in bytes; raise ValueError if it is invalid Unicode."""
    return len(to_json(value))


@lru_cache(maxsize=128)
def _strict_adapter(hint: Any) -> TypeAdapter[Any] | None:
    """Return the validator of a type hint; None if it is absent, raw, or one of the SDKs' types."""
    if hint in (None, Any, RawValue) or _has_sdk_type(hint):
        return None
    return TypeAdapter(hint)


def _has_sdk_type(hint: Any) -> bool:
    package = getattr(hint, "__module__", "").split(".")[0]
    return package in _SDK_PACKAGES or any(map(_has_sdk_type, get_args(hint)))


def _placeholder(number: int, hint: Any) -> str:
    """Return what an argument is called if its name is unknown."""
    kind = re.sub(r"\w+\.", "", getattr(hint, "__name__", str(hint))).removesuffix(" | None")
    return f"argument {number} ({kind})"
