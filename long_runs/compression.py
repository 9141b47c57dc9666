"""A payload codec that compresses: a smaller history, which still grows with the square."""

import zlib
from collections.abc import Sequence

from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec
from temporalio.exceptions import ApplicationError

ENCODING = b"binary/zlib"
MIN_BYTES = 1_000
MAX_BYTES = 64_000_000
"""The limit of a decompressed payload: a few kB could otherwise expand to gigabytes."""


class CompressionCodec(PayloadCodec):
    """Compresses payloads of 1,000 bytes and more."""

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Compress payloads."""
        return [_compress(p) if p.ByteSize() >= MIN_BYTES else p for p in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Decompress payloads; leave all others as they are."""
        return [_expand(p) if p.metadata.get("encoding") == ENCODING else p for p in payloads]


def _compress(payload: Payload) -> Payload:
    data = zlib.compress(payload.SerializeToString())
    return Payload(metadata={"encoding": ENCODING}, data=data)


def _expand(payload: Payload) -> Payload:
    expander = zlib.decompressobj()
    try:
        data = expander.decompress(payload.data, MAX_BYTES)
    except zlib.error as error:
        raise _invalid(f"cannot be decompressed ({error})") from error
    if not expander.eof:
        raise _invalid(f"is truncated, or expands to more than {MAX_BYTES:,} bytes")
    return Payload.FromString(data)


def _invalid(reason: str) -> ApplicationError:
    return ApplicationError(f"A payload {reason}", type="InvalidPayload", non_retryable=True)
