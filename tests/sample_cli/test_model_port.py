"""The offline model has its port before it is imported, so that no other process takes it."""

import socket
from contextlib import ExitStack
from urllib.parse import urlsplit

from openai import AsyncOpenAI

from sample_cli.processes import IMPORT_LOCK
from sample_cli.session import Settings, session


async def test_model_accepts_connections_while_it_is_imported() -> None:
    with ExitStack() as importing:
        importing.enter_context(IMPORT_LOCK)
        async with session(Settings(offline=True)) as here:
            url = here.env["OPENAI_BASE_URL"]
            with importing:  # until the end of this block
                socket.create_connection(("127.0.0.1", urlsplit(url).port)).close()
            model = await here.model()
            assert model
            assert model.base_url == url
            async with AsyncOpenAI(base_url=url, api_key="offline") as client:
                assert await client.responses.create(model="gpt-5", input="Hello")
