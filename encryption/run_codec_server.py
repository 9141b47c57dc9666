"""Serve the codec to the Temporal CLI and the Web UI."""

from durable_agents import run
from durable_agents.encryption import EncryptionCodec, parse_keys
from durable_agents.errors import SettingsError
from durable_agents.web import serve_app

import os
import re
from typing import Annotated

from typer import Option

from encryption.codec_server import allow_all, allow_header, create_app

ORIGIN = re.compile(r"https?://[\w.-]+(:\d+)?|https?://\[[\da-fA-F:]+\](:\d+)?", re.ASCII)


async def main(
    *,
    port: Annotated[int, Option(min=0, max=65535, help="0 for any free port.")] = 8081,
    origin: Annotated[
        list[str] | None,
        Option(help="The address of a Web UI; repeatable.  [default: port 8233 of this machine]"),
    ] = None,
) -> None:
    """Decode and encode payloads with ENCRYPTION_KEYS, on 127.0.0.1, until Ctrl-C.

    CODEC_AUTH is the Authorization header that every request needs, such as "Bearer TOKEN". Without
    it, every program on this machine can decrypt everything.
    """
    origins = origin or ["http://localhost:8233", "http://127.0.0.1:8233"]
    for each in origins:
        if not ORIGIN.fullmatch(each):
            raise SettingsError(f"--origin: {each!a} is not http://HOST:PORT or https://HOST")
    authorization = os.environ.get("CODEC_AUTH")
    if authorization is not None and not authorization.strip():
        raise SettingsError("CODEC_AUTH is empty; give an Authorization header, or unset it")
    codec = EncryptionCodec(parse_keys(os.environ.get("ENCRYPTION_KEYS", "")))
    authorize = allow_header(authorization) if authorization else allow_all
    await serve_app(create_app(codec, authorize, origins), "127.0.0.1", port, origins)


if __name__ == "__main__":
    run(main)
