"""Encryption keeps what a data converter brings along, and what foreign payloads contain."""

from durable_agents.encryption import (
    ENCODING,
    KEY_ID,
    NONCE_BYTES,
    DecryptionError,
    EncryptedFailureConverter,
    EncryptionCodec,
    encrypted,
    parse_keys,
)

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from temporalio.api.common.v1 import Payload
from temporalio.converter import (
    DataConverter,
    DefaultFailureConverterWithEncodedAttributes,
    WithSerializationContext,
    WorkflowSerializationContext,
)

from tests.durable_agents.test_sandbox import Contexts, Recording
from tests.encryption.keys import A, B

PLAIN = Payload(data=b'"tell"')


class OwnFailureConverter(DefaultFailureConverterWithEncodedAttributes):
    """A failure converter that encodes messages itself."""


def test_own_codec_and_failure_converter_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENCRYPTION_KEYS", A)
    own = EncryptionCodec(parse_keys(B))
    kept = encrypted(DataConverter(payload_codec=own))
    assert (kept.payload_codec, kept.failure_converter_class) == (own, EncryptedFailureConverter)
    kept = encrypted(DataConverter(failure_converter_class=OwnFailureConverter))
    assert kept.failure_converter_class is OwnFailureConverter


async def test_payloads_with_different_contexts_are_encoded_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ENCRYPTION_KEYS", A)
    found: Contexts = {}
    codec = encrypted(DataConverter(payload_codec=Recording(found))).payload_codec
    assert isinstance(codec, WithSerializationContext)
    contexts = [WorkflowSerializationContext("default", id) for id in ("first", "second")]
    for each in [*map(codec.with_context, contexts), codec]:
        [payload] = await each.encode([PLAIN])
        assert payload.metadata["encoding"] == ENCODING
    assert found == {PLAIN.data: [*contexts, None]}


@pytest.mark.parametrize("key_id", [b"\xff" * 1_000, b"x" * 1_000_000])
async def test_foreign_key_id_is_shortened(key_id: bytes) -> None:
    payload = Payload(metadata={"encoding": ENCODING, KEY_ID: key_id}, data=b"foreign")
    with pytest.raises(DecryptionError) as rejected:
        await EncryptionCodec(parse_keys(A)).decode([payload])
    assert len(str(rejected.value)) < 200


async def test_key_of_another_format_is_reported() -> None:
    [(key_id, key)] = parse_keys(A).items()
    nonce, authenticated = bytes(NONCE_BYTES), ENCODING + b" " + key_id.encode()
    data = nonce + AESGCM(key).encrypt(nonce, b"no payload", authenticated)
    payload = Payload(metadata={"encoding": ENCODING, KEY_ID: key_id.encode()}, data=data)
    with pytest.raises(DecryptionError, match="does not fit the key 'a'"):
        await EncryptionCodec(parse_keys(A)).decode([payload])
