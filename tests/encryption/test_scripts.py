"""Malformed settings end each script with one line and exit code 2, before anything is sent."""

import socket
from pathlib import Path

import httpx2
import pytest

import encryption
from sample_cli.processes import until
from tests.encryption.keys import A
from tests.encryption.test_codec_server import TOKEN
from tests.harness.processes import ForkedScript

FOLDER = Path(encryption.__file__).parent
SCRIPTS = ("run_worker.py", "run_encrypted_workflow.py", "run_codec_server.py")


async def refusal(script: str, *arguments: str, folder: Path) -> str:
    with ForkedScript(FOLDER / script, *arguments, folder=folder) as process:
        ended = await process.ended()
    assert (ended.code, ended.out, ended.err.count("\n")) == (2, "", 1), ended
    return ended.err


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ("", "ENCRYPTION_KEYS is empty; give ID:KEY, or unset it\n"),
        (f"{A},{A}", "ENCRYPTION_KEYS: the id 'a' is repeated; give each key its own\n"),
    ],
)
async def test_malformed_keys_end_every_script(
    script: str, keys: str, problem: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ENCRYPTION_KEYS", keys)
    assert await refusal(script, folder=tmp_path) == problem


async def test_codec_server_rejects_invalid_options(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    script = "run_codec_server.py"
    missing = await refusal(script, folder=tmp_path)
    assert missing == "ENCRYPTION_KEYS is empty; give ID:KEY, or unset it\n"
    monkeypatch.setenv("ENCRYPTION_KEYS", A)
    for origin in ("*", "localhost:8233", "http://localhost:8233/", "null", "http://a b"):
        problem = await refusal(script, "--origin", origin, folder=tmp_path)
        assert problem == f"--origin: '{origin}' is not http://HOST:PORT or https://HOST\n"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        problem = await refusal(script, "--port", str(port), folder=tmp_path)
    assert problem.startswith(f"127.0.0.1:{port} cannot be used (")
    monkeypatch.setenv("CODEC_AUTH", " ")
    problem = await refusal(script, folder=tmp_path)
    assert problem == "CODEC_AUTH is empty; give an Authorization header, or unset it\n"


async def test_codec_server_serves_only_the_given_origin_and_credentials(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ENCRYPTION_KEYS", A)
    monkeypatch.setenv("CODEC_AUTH", TOKEN)
    options = "--port", "0", "--origin", "https://ui.example"
    with ForkedScript(FOLDER / "run_codec_server.py", *options, folder=tmp_path) as script:

        async def is_serving() -> bool:
            return script.out.endswith("\n")

        await until(is_serving)
        address = script.out.removeprefix("Serving on ").strip()
        async with httpx2.AsyncClient(base_url=address) as http:

            async def status(origin: str, authorization: str) -> int:
                headers = {"origin": origin, "authorization": authorization}
                return (await http.post("/decode", content="{}", headers=headers)).status_code

            assert await status("https://ui.example", TOKEN) == 200
            assert await status("https://ui.example", "Bearer other") == 401
            for foreign in ("https://evil.example", "http://localhost:8233"):
                assert await status(foreign, TOKEN) == 403
