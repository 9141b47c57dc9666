"""Encrypts payloads and failures with AES-256-GCM, with the keys in `ENCRYPTION_KEYS`.

`DurabilityPlugin` adds this codec to every client, worker, and replayer, so samples need no
changes. The variable holds one or more keys, as `ID:KEY,ID:KEY`. The first key encrypts; all of
them decrypt. A key is 32 random bytes in base64. Ids of keys are in history as plain text.

Without the variable, nothing is encrypted, and an encrypted payload raises `DecryptionError`.
"""

from durable_agents.errors import SettingsError

import base64
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import replace
from typing import Any, Self

from google.protobuf.message import DecodeError, Message
from temporalio.api.common.v1 import Header, Payload, SearchAttributes
from temporalio.api.failure.v1 import Failure
from temporalio.converter import (
    DataConverter,
    DefaultFailureConverter,
    DefaultFailureConverterWithEncodedAttributes,
    PayloadCodec,
    SerializationContext,
    WithSerializationContext,
)

VARIABLE = "ENCRYPTION_KEYS"
ENCODING = b"binary/aes-256-gcm"  # not "binary/encrypted", which other codecs use
KEY_ID = "encryption-key-id"
KEY_BYTES = 32
NONCE_BYTES = 12  # random, so replace a key before it has encrypted 4 billion payloads
# Shorter than a key in base64, so no error message shows a key as an id.
_ID = re.compile(r"[A-Za-z0-9._-]{1,32}")


class DecryptionError(SettingsError):
    """A payload cannot be decrypted with the keys of this process; names the key's id.

    It is retryable, because a deployment with the right keys resolves it: workflow tasks and
    activities are retried, and no message is lost.
    """


def parse_keys(text: str) -> dict[str, bytes]:
    """Return the keys in the value of `ENCRYPTION_KEYS` by id, the encrypting one first.

    Raises:
        SettingsError: An entry is malformed, or an id is repeated. The message contains no key.
    """
    keys: dict[str, bytes] = {}
    if not text.strip():
        raise SettingsError(f"{VARIABLE} is empty; give ID:KEY, or unset it")
    for number, entry in enumerate(text.split(","), start=1):
        key_id, _, encoded = entry.strip().partition(":")
        if not _ID.fullmatch(key_id):
            problem = "is not ID:KEY; an id is 1 to 32 letters, digits, dots, hyphens, underscores"
            raise SettingsError(f"{VARIABLE}: entry {number} {problem}.")
        try:
            key = base64.b64decode(encoded, validate=True)
        except ValueError:
            key = b""
        if len(key) != KEY_BYTES:
            problem = f"is not {KEY_BYTES} bytes in base64; make one with: openssl rand -base64 32"
            raise SettingsError(f"{VARIABLE}: the key {key_id!r} {problem}")
        if key_id in keys:
            raise SettingsError(f"{VARIABLE}: the id {key_id!r} is repeated; give each key its own")
        keys[key_id] = key
    return keys


class EncryptionCodec(PayloadCodec):
    """Encrypts payloads, including their metadata, and authenticates the key's id.

    Payloads that are not encrypted are returned as they are: histories that started before the
    introduction of encryption stay readable.

    Args:
        keys: Keys by id. The first one encrypts. Without keys, payloads are not encrypted.
        inner: A codec to apply before encryption, such as a compression.
    """

    def __init__(self, keys: Mapping[str, bytes], inner: PayloadCodec | None = None) -> None:
        if keys:
            try:
                from cryptography.hazmat.primitives.ciphers.aead import AESGCM
            except ImportError as error:
                problem = f"{VARIABLE} is set, and the package cryptography is not installed."
                raise SettingsError(f"{problem} Install it with: uv add cryptography") from error
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.items()}
        self._inner = inner
        self.encrypts = bool(keys)

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Encrypt payloads with the first key."""
        if self._inner:
            payloads = await self._inner.encode(payloads)
        return [self._encrypt(payload) for payload in payloads] if self.encrypts else [*payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Decrypt payloads; raise DecryptionError if a key is missing or does not fit."""
        decrypted = [
            self._decrypt(payload) if payload.metadata.get("encoding") == ENCODING else payload
            for payload in payloads
        ]
        return await self._inner.decode(decrypted) if self._inner else decrypted

    def _encrypt(self, payload: Payload) -> Payload:
        key_id, cipher = next(iter(self._ciphers.items()))
        nonce = os.urandom(NONCE_BYTES)
        data = cipher.encrypt(nonce, payload.SerializeToString(), _authenticated(key_id))
        metadata = {"encoding": ENCODING, KEY_ID: key_id.encode()}
        return Payload(metadata=metadata, data=nonce + data)

    def _decrypt(self, payload: Payload) -> Payload:
        # A foreign client may have written the id, so it is bounded.
        key_id = payload.metadata.get(KEY_ID, b"").decode(errors="replace")[:32]
        if not (cipher := self._ciphers.get(key_id)):
            known = ", ".join(self._ciphers) or "none: it is not set"
            problem = f"A payload is encrypted with the key {key_id!r}, which is missing."
            raise DecryptionError(f"{problem} Add it to {VARIABLE}; the ids there are {known}.")
        from cryptography.exceptions import InvalidTag

        nonce, data = payload.data[:NONCE_BYTES], payload.data[NONCE_BYTES:]
        try:
            return Payload.FromString(cipher.decrypt(nonce, data, _authenticated(key_id)))
        except (InvalidTag, ValueError, DecodeError) as error:
            problem = f"A payload does not fit the key {key_id!r} in {VARIABLE}."
            raise DecryptionError(f"{problem} Restore the key that encrypted it.") from error


class _WithContext(EncryptionCodec, WithSerializationContext):
    """Passes on to the inner codec what a payload belongs to."""

    def with_context(self, context: SerializationContext) -> Self:
        codec = copy(self)
        if isinstance(self._inner, WithSerializationContext):
            codec._inner = self._inner.with_context(context)
        return codec


def _authenticated(key_id: str) -> bytes:
    return ENCODING + b" " + key_id.encode()


class EncryptedFailureConverter(DefaultFailureConverterWithEncodedAttributes):
    """Moves messages and stack traces into a payload, which the codec encrypts.

    Only the message of a DecryptionError stays readable: it contains only ids of keys, and
    its readers may not have the keys.
    """

    def to_failure(self, exception: Any, payload_converter: Any, failure: Failure) -> None:
        """Encode `exception`."""
        super().to_failure(exception, payload_converter, failure)
        if isinstance(exception, DecryptionError):
            failure.message = str(exception)


def encrypted(base: DataConverter) -> DataConverter:
    """Return `base` with encryption of payloads and failures if `ENCRYPTION_KEYS` is set.

    A codec in `base` runs before encryption, external storage after it. An `EncryptionCodec` in
    `base` is kept: its keys may come from elsewhere. A failure converter in `base` is kept, and has
    to encode messages itself.

    Raises:
        SettingsError: The variable is malformed or empty.
    """
    codec, failures = base.payload_codec, base.failure_converter_class
    if not isinstance(codec, EncryptionCodec):
        text = os.environ.get(VARIABLE)
        uses_context = isinstance(codec, WithSerializationContext)
        kind = _WithContext if uses_context else EncryptionCodec
        codec = kind({} if text is None else parse_keys(text), codec)
    if codec.encrypts and failures is DefaultFailureConverter:
        failures = EncryptedFailureConverter
    return replace(base, payload_codec=codec, failure_converter_class=failures)


def payloads_in(message: Message) -> Iterator[Payload]:
    """Yield the payloads in a message of Temporal's API, such as a history, to read or replace.

    Headers and search attributes are left out: codecs do not apply to them.
    """
    if isinstance(message, Payload):
        yield message
        return
    for field, value in message.ListFields():
        if field.message_type:
            is_map = field.message_type.GetOptions().map_entry
            several = value.values() if is_map else value
            for item in [value] if isinstance(value, Message) else several:
                if isinstance(item, Message) and not isinstance(item, Header | SearchAttributes):
                    yield from payloads_in(item)
