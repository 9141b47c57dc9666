"""The offline model: a server that speaks OpenAI's API on a free port of this machine.

with OfflineModel() as model:
    client = OpenAI(base_url=model.base_url, api_key="offline")
    ...
    print(len(model.calls), "model calls")
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from types import TracebackType
from typing import Self

from aiohttp import web

from offline_model.call_log import Call
from offline_model.faults import Faults
from offline_model.http_server import ModelApi

NOTICE = "This is an offline stand-in, not a language model: its answers are canned or made up."

_HOST = "127.0.0.1"


class OfflineModel:
    """Runs the server on a thread of its own, for as long as the `with` block lasts.

    Args:
        faults: What goes wrong on purpose. Nothing, by default.
        latency: Seconds that each answer takes. May be changed while it runs.
        port: The port to listen on. A free one, by default.
    """

    def __init__(
        self, *, faults: Faults | None = None, latency: float = 0.0, port: int = 0
    ) -> None:
        self.faults = faults or Faults()
        self._api = ModelApi(self.faults, latency)
        self._port = port
        self._stop: Callable[[], object]
        self._thread: threading.Thread

    @property
    def base_url(self) -> str:
        """What `OPENAI_BASE_URL` is set to."""
        return f"http://{_HOST}:{self._port}/v1"

    @property
    def latency(self) -> float:
        """Seconds that each answer takes."""
        return self._api.latency

    @latency.setter
    def latency(self, seconds: float) -> None:
        self._api.latency = seconds

    @property
    def calls(self) -> tuple[Call, ...]:
        """The model requests so far, oldest first."""
        return self._api.calls.all()

    def wait_until(
        self, condition: Callable[[tuple[Call, ...]], bool], timeout: float = 10.0
    ) -> bool:
        """Wait until the calls meet a condition. Return False if they did not in time."""
        return self._api.calls.wait_until(condition, timeout)

    def __enter__(self) -> Self:
        """Start the server.

        Raises:
            OSError: The port is taken.
        """
        started: Future[int] = Future()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve(started)), name="offline-model", daemon=True
        )
        self._thread.start()
        self._port = started.result()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop the server. Requests that are still being answered are cut off."""
        self._stop()
        self._thread.join()

    async def _serve(self, started: Future[int]) -> None:
        loop, stopping = asyncio.get_running_loop(), asyncio.Event()
        self._stop = lambda: loop.call_soon_threadsafe(stopping.set)
        runner = web.AppRunner(
            self._api.app(), access_log=None, handler_cancellation=True, shutdown_timeout=0.1
        )
        await runner.setup()
        try:
            await web.TCPSite(runner, _HOST, self._port).start()
            self._api.load_engine()
            started.set_result(runner.addresses[0][1])
            await stopping.wait()
        except OSError as error:
            started.set_exception(error)
        finally:
            await runner.cleanup()
