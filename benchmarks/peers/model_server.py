"""A model that asks for the tool if it has it, then answers; it counts the calls of each run."""

import asyncio
import re
import socket
from collections import Counter
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

CALLS = 2  # of each run
TOOL = "get_weather"
RUN = re.compile(r"\(run ([\w-]+)\)")


class ModelServer:
    """The Responses API at `base_url`, in this process.

    Attributes:
        latency: Seconds before each answer. It may change while the server runs.
        together: Runs that get no answer until all of them have made a call.
        received: The number of calls of each run.
    """

    def __init__(self) -> None:
        self.latency = 0.0
        self.together: Collection[str] = ()
        self.received: Counter[str] = Counter()
        self._answered: Counter[str] = Counter()
        self._change = asyncio.Condition()
        # With the protocol named, asyncio sets TCP_NODELAY; otherwise, each answer takes 40 ms.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.bind(("127.0.0.1", 0))

    @property
    def base_url(self) -> str:
        """The value of `OPENAI_BASE_URL`."""
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}/v1"

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Serve for the duration of the block."""
        app = Starlette(routes=[Route("/v1/responses", self._respond, methods=["POST"])])
        config = uvicorn.Config(app, lifespan="off", log_config=None, timeout_keep_alive=3_600)
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve([self._socket]))
        try:
            yield
        finally:
            server.should_exit = server.force_exit = True
            await serving

    async def until_complete(self, runs: Collection[str], count: int) -> None:
        """Wait until `count` of the runs have the answers to all their calls."""
        async with self._change:
            await self._change.wait_for(
                lambda: sum(self._answered[run] >= CALLS for run in runs) >= count
            )

    async def _respond(self, request: Request) -> Response:
        try:
            body = await request.json()
        except ClientDisconnect:  # it was killed
            return Response()
        items = body["input"] if isinstance(body["input"], list) else [{"content": body["input"]}]
        match = RUN.search(str(items[0]["content"]))
        run = match[1] if match else ""
        async with self._change:
            self.received[run] += 1
            self._change.notify_all()
            await self._change.wait_for(lambda: all(self.received[it] for it in self.together))
        await asyncio.sleep(self.latency)
        async with self._change:
            self._answered[run] += 1
            self._change.notify_all()
        offered = any(tool.get("name") == TOOL for tool in body.get("tools", []))
        called = items[-1].get("type") == "function_call_output"
        return JSONResponse(_response(asks=offered and not called))


def _response(*, asks: bool) -> dict[str, Any]:
    item: dict[str, Any]
    if asks:
        call = {"call_id": "call_1", "name": TOOL, "arguments": '{"city": "Tokyo"}'}
        item = {"type": "function_call", "id": "fc_1", **call}
    else:
        text = {"type": "output_text", "text": "It is sunny in Tokyo.", "annotations": []}
        item = {"type": "message", "id": "msg_1", "role": "assistant", "content": [text]}
    details = {"input_tokens_details": {"cached_tokens": 0}}
    details |= {"output_tokens_details": {"reasoning_tokens": 0}}
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 0,
        "model": "fake",
        "output": [{**item, "status": "completed"}],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15, **details},
    }
