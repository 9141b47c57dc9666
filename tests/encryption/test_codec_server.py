"""The codec server serves allowed callers only, within limits."""

from durable_agents.encryption import EncryptionCodec, parse_keys

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from unittest.mock import patch

import httpx2
import pytest
from google.protobuf import json_format
from temporalio.api.common.v1 import Payload, Payloads

from encryption import codec_server
from encryption.codec_server import allow_all, allow_header, create_app
from tests.encryption.keys import A, B
from tests.harness.services import listening

UI, TOKEN = "http://127.0.0.1:8233", "Bearer t0ken"
PLAIN = Payload(metadata={"encoding": b"json/plain"}, data=b'"tell"')


@asynccontextmanager
async def serving_codec(
    keys: str = A, authorize: codec_server.Authorize = allow_all
) -> AsyncIterator[httpx2.AsyncClient]:
    app = create_app(EncryptionCodec(parse_keys(keys)), authorize, [UI])
    async with listening(app, [UI]) as address, httpx2.AsyncClient(base_url=address) as http:
        yield http


def as_json(*payloads: Payload) -> str:
    return json_format.MessageToJson(Payloads(payloads=payloads))


async def test_foreign_pages_and_missing_credentials_are_rejected() -> None:
    async with serving_codec(authorize=allow_header(TOKEN)) as http:

        async def status(**headers: str) -> int:
            sent = {"authorization": TOKEN, **headers}
            answer = await http.post("/decode", content=as_json(PLAIN), headers=sent)
            return answer.status_code

        assert await status(origin=UI) == 200
        for origin in ("https://evil.example", "http://localhost:8233", "null", ""):
            assert await status(origin=origin) == 403
        for wrong in ("", "Bearer", f"{TOKEN}x"):
            assert await status(origin=UI, authorization=wrong) == 401
        assert await status(host="evil.example") == 400


async def test_payloads_are_encrypted_and_decrypted_for_an_allowed_page() -> None:
    async with serving_codec() as http:
        answer = await http.post("/encode", content=as_json(PLAIN), headers={"origin": UI})
        assert answer.headers["access-control-allow-origin"] == UI
        assert "InRlbGwi" not in answer.text  # "tell" in base64
        decoded = await http.post("/decode", content=answer.text)
        assert decoded.json() == json.loads(as_json(PLAIN))


async def test_browsers_may_ask_only_from_allowed_pages() -> None:
    ask = {"access-control-request-method": "POST"}
    async with serving_codec() as http:
        allowed = await http.options("/decode", headers={**ask, "origin": UI})
        foreign = await http.options("/decode", headers={**ask, "origin": "https://evil.example"})
    assert allowed.headers["access-control-allow-origin"] == UI
    assert "access-control-allow-origin" not in foreign.headers


@pytest.mark.parametrize(
    ("body", "status", "problem"),
    [
        ("", 400, 'The body is not {"payloads": [...]} in JSON.'),
        ('{"payloads": [{"data": 1}]}', 400, "The body is not"),
        ('{"payloads": [{"other": 1}]}', 400, "The body is not"),
        ("[" * 100_000, 400, "The body is not"),
        (b"\xff", 400, "The body is not"),
        ("x" * 1_001, 413, "The body exceeds 1,000 bytes."),
    ],
)
async def test_malformed_and_large_bodies_are_rejected(
    body: str | bytes, status: int, problem: str
) -> None:
    limit = 1_000 if status == 413 else codec_server.MAX_BODY_BYTES
    with patch.object(codec_server, "MAX_BODY_BYTES", limit):
        async with serving_codec() as http:
            answer = await http.post("/decode", content=body)
    assert (answer.status_code, answer.text[: len(problem)]) == (status, problem)


async def test_slow_body_and_missing_key_are_rejected() -> None:
    [payload] = await EncryptionCodec(parse_keys(A)).encode([PLAIN])
    with patch.object(codec_server, "BODY_TIMEOUT", 0.1):
        async with serving_codec(B) as http:
            reader, writer = await asyncio.open_connection(http.base_url.host, http.base_url.port)
            writer.write(b"POST /decode HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{")
            assert (await reader.readline()).startswith(b"HTTP/1.1 408 ")
            writer.close()
            missing = await http.post("/decode", content=as_json(payload))
    assert missing.status_code == 422
    assert missing.text.endswith(
        "key 'a', which is missing. Add it to ENCRYPTION_KEYS; the ids there are b."
    )
