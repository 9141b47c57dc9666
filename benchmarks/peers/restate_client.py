"""The client of with_restate.py: registers the service, and calls it through Restate."""

import asyncio
import os

import httpx2

from benchmarks.peers.agent import question
from benchmarks.peers.driver import drive

REGISTRATION_INTERVAL = 0.2  # seconds


async def main() -> None:
    """Serve requests."""
    limits = httpx2.Limits(max_connections=None)
    async with httpx2.AsyncClient(trust_env=False, timeout=None, limits=limits) as http:

        async def run(id: str) -> None:
            url = f"{os.environ['RESTATE_INGRESS']}/weather/answer"
            answer = await http.post(url, json=question(id), headers={"idempotency-key": id})
            assert answer.raise_for_status().json()

        await _register(http)
        await drive(run)


async def _register(http: httpx2.AsyncClient) -> None:
    """Tell the server where the service is, once both have started."""
    service = {"uri": f"http://{os.environ['RESTATE_SERVICE']}"}
    while True:
        try:
            url = f"{os.environ['RESTATE_ADMIN']}/deployments"
            if (await http.post(url, json=service)).is_success:
                return
        except httpx2.TransportError:
            pass
        await asyncio.sleep(REGISTRATION_INTERVAL)


if __name__ == "__main__":
    asyncio.run(main())
