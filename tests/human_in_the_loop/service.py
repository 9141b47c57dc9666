"""Helpers for tests of the inbox: many workflows, a client of the service, and a local socket."""

from durable_agents.web import Protected

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx2
from agents import Model, ModelResponse, Usage
from agents.testing import assistant_message, function_call
from temporalio.client import Client

from human_in_the_loop.deciding import Handle
from human_in_the_loop.run_worker import build_worker
from human_in_the_loop.web.app import create_app
from human_in_the_loop.web.inbox import Inbox, Listing
from sample_cli.processes import until
from tests.harness.models import UnstreamedModel
from tests.harness.workers import serving
from tests.human_in_the_loop.desk import BIG, start

TIMEOUT = timedelta(seconds=20)


class RefundingModel(UnstreamedModel):
    """Makes one refund that needs approval, for every workflow; then answers."""

    async def get_response(
        self, system_instructions: str | None, input: Any, *args: Any, **kwargs: Any
    ) -> ModelResponse:
        answered = any(item.get("type") == "function_call_output" for item in input)
        call = function_call("refund", BIG, call_id="c1")
        return ModelResponse([assistant_message("Done.") if answered else call], Usage(), None)


class Service:
    """A client of the service, as a program or a browser without scripts."""

    def __init__(self, client: Client, timeout: timedelta = TIMEOUT) -> None:
        self.app = create_app(Inbox(client, timeout))
        transport = httpx2.ASGITransport(Protected(self.app))
        self.http = httpx2.AsyncClient(transport=transport, base_url="http://localhost")

    async def listing(self, **query: Any) -> Listing:
        response = await self.http.get("/api/approvals", params=query)
        assert response.status_code == 200, response.text
        return Listing.model_validate(response.json())

    async def wait_for(self, count: int, **query: Any) -> Listing:
        """Return the listing as soon as it has `count` calls."""
        found: list[Listing] = []

        async def is_met() -> bool:
            found.append(await self.listing(**query))
            return len(found[-1].approvals) == count

        await until(is_met)
        return found[-1]

    async def decide(self, item: Any, verdict: str = "approve", **fields: Any) -> httpx2.Response:
        values = {"id": item.id, "digest": item.digest, "verdict": verdict, "by": "Ada", **fields}
        path = f"/api/workflows/{item.workflow_id}/decisions"
        return await self.http.post(path, json=values)


@asynccontextmanager
async def serving_inbox(
    count: int, model: Model | None = None
) -> AsyncIterator[tuple[Service, list[Handle]]]:
    """Serve the inbox while `count` workflows have pending calls; end them afterwards."""
    handles: list[Handle] = []
    async with serving(build_worker, model or RefundingModel(), 3) as client:
        handles = list(await asyncio.gather(*(start(client) for _ in range(count))))
        service = Service(client)
        yield service, handles
        for item in (await service.listing()).approvals:
            assert (await service.decide(item, "reject")).status_code == 200
        await asyncio.gather(*(handle.result() for handle in handles))
