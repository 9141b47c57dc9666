"""Malformed settings end each script with one line and exit code 2, before anything is sent."""

import socket
from pathlib import Path

import pytest

import encryption
from tests.encryption.keys import A
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
