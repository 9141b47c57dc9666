"""The encryption codec: keys, payloads, failures, and errors that name the key."""

from durable_agents.encryption import (
    ENCODING,
    KEY_ID,
    DecryptionError,
    EncryptionCodec,
    encrypted,
    parse_keys,
    payloads_in,
)
from durable_agents.errors import SettingsError

import base64
import sys

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.api.history.v1 import History
from temporalio.converter import DataConverter
from temporalio.exceptions import ApplicationError

from long_runs.compression import CompressionCodec
from tests.encryption.keys import A, B

KEY = A.partition(":")[2]
PLAIN = Payload(metadata={"encoding": b"json/plain", "messageType": b"secret.Type"}, data=b'"tell"')


def codec(keys: str) -> EncryptionCodec:
    return EncryptionCodec(parse_keys(keys))


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ("", "is empty; give ID:KEY, or unset it"),
        (" \n", "is empty; give ID:KEY, or unset it"),
        (KEY, "entry 1 is not ID:KEY"),
        (f"{A},", "entry 2 is not ID:KEY"),
        (f"{KEY}:a", "entry 1 is not ID:KEY"),
        (f"é:{KEY}", "entry 1 is not ID:KEY"),
        (f"{'a' * 33}:{KEY}", "entry 1 is not ID:KEY"),
        ("a", "the key 'a' is not 32 bytes in base64"),
        ("a:not-base64!", "the key 'a' is not 32 bytes in base64"),
        (f"a:{KEY[:-2]}", "the key 'a' is not 32 bytes in base64"),
        (f"a:{base64.b64encode(bytes(16)).decode()}", "the key 'a' is not 32 bytes in base64"),
        (f"{A},{B},{A}", "the id 'a' is repeated; give each key its own"),
    ],
)
def test_malformed_keys_are_rejected_without_showing_them(keys: str, problem: str) -> None:
    with pytest.raises(SettingsError, match=r"^ENCRYPTION_KEYS") as rejected:
        parse_keys(keys)
    assert problem in str(rejected.value)
    assert KEY[:-2] not in str(rejected.value)


async def test_payloads_are_encrypted_with_the_first_key_and_a_new_nonce() -> None:
    first, second = await codec(f"{A}, {B}").encode([PLAIN, PLAIN])
    assert dict(first.metadata) == {"encoding": ENCODING, KEY_ID: b"a"}
    assert first.data[:12] != second.data[:12]
    for raw in (first.SerializeToString(), second.SerializeToString()):
        assert b"tell" not in raw
        assert b"secret.Type" not in raw
    assert await codec(f"{B},{A}").decode([first, PLAIN]) == [PLAIN, PLAIN]


async def test_missing_key_is_named() -> None:
    [payload] = await codec(A).encode([PLAIN])
    with pytest.raises(DecryptionError, match=r"key 'a', which is missing.*ids there are b"):
        await codec(B).decode([payload])
    with pytest.raises(DecryptionError, match=r"key 'a', which is missing.*none: it is not set"):
        await EncryptionCodec({}).decode([payload])


@pytest.mark.parametrize("part", ["data", "key id", "nothing left", "no key id"])
async def test_changed_payload_is_rejected(part: str) -> None:
    [payload] = await codec(A).encode([PLAIN])
    if part == "key id":  # another id with the same key
        payload.metadata[KEY_ID] = b"c"
    elif part == "no key id":
        del payload.metadata[KEY_ID]
    else:
        payload.data = b"" if part == "nothing left" else payload.data[:-1] + b"\0\0"
    with pytest.raises(DecryptionError):
        await codec(f"{A},c:{KEY}").decode([payload])


async def test_compression_comes_before_encryption() -> None:
    compressed = EncryptionCodec(parse_keys(A), CompressionCodec())
    large = Payload(metadata=PLAIN.metadata, data=b"tell " * 1_000)
    [payload] = await compressed.encode([large])
    assert payload.metadata["encoding"] == ENCODING
    assert len(payload.data) < 500
    assert await compressed.decode([payload]) == [large]


async def test_failures_are_encrypted_except_for_missing_keys(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ENCRYPTION_KEYS", A)
    converter, failure = encrypted(DataConverter()), Failure()
    await converter.encode_failure(ApplicationError("tell", "tell", type="Named"), failure)
    assert b"tell" not in failure.SerializeToString()
    assert failure.application_failure_info.type == "Named"
    assert "tell" in str(await converter.decode_failure(failure))
    await converter.encode_failure(DecryptionError("no key 'b'"), failure)
    assert failure.message == "no key 'b'"


def test_missing_package_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.ciphers.aead", None)
    with pytest.raises(SettingsError, match=r"not installed. Install it with: uv add cryptography"):
        codec(A)


def test_payloads_are_found_at_any_depth_but_not_in_headers() -> None:
    history = History()
    started = history.events.add().workflow_execution_started_event_attributes
    started.memo.fields["memo"].data = b"memo"
    started.header.fields["header"].data = b"header"
    started.search_attributes.indexed_fields["attribute"].data = b"attribute"
    started.continued_failure.cause.encoded_attributes.data = b"failure"
    started.input.payloads.add(data=b"input")
    found = sorted(payload.data for payload in payloads_in(history))
    assert found == [b"failure", b"input", b"memo"]


async def test_payloads_of_other_encryption_codecs_are_left_to_them() -> None:
    foreign = Payload(metadata={"encoding": b"binary/encrypted", KEY_ID: b"theirs"})
    assert await EncryptionCodec({}).decode([foreign]) == [foreign]
    assert await codec(A).decode([foreign]) == [foreign]
