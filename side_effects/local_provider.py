"""The clients of the local provider, which is started as a child process on first use."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
from pydantic import BaseModel, TypeAdapter

from side_effects.models import Intent
from side_effects.provider import Declined, NoResponse, PaymentProvider, Receipt

SERVER = Path(__file__).parent / "provider_server.py"
REQUEST_TIMEOUT = 1.5  # seconds; shorter than the activity's timeout, so it reports the failure

STATEMENT = TypeAdapter(list[Receipt])
LINES = TypeAdapter(list[str])


class Cancellation(BaseModel):
    """The response to a request to cancel a booking."""

    was_booked: bool


class LocalServer:
    """The process of the local provider, and requests to it."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._starting = asyncio.Lock()
        self._url = ""

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Stop the process when the block ends."""
        try:
            yield
        finally:
            self.close()

    def close(self) -> None:
        """Stop the process, if it is running."""
        if self._process:
            self._process.communicate()  # closes its standard input
            self._process = None

    async def request(
        self,
        method: str,
        path: str,
        *,
        body: dict[str, object] | None = None,
        **parameters: str,
    ) -> bytes | None:
        """Return the body of the response; None if nothing is there (404).

        A keyword `key` is sent as the idempotency key, others as the query.

        Raises:
            Declined: The provider refused the request.
            NoResponse: The provider did not respond in time, or failed.
        """
        async with self._starting:
            if self._process is None or self._process.poll() is not None:
                await asyncio.to_thread(self._start)  # it takes a second
        headers = {"Idempotency-Key": parameters.pop("key")} if "key" in parameters else {}
        try:
            async with httpx2.AsyncClient(
                base_url=self._url, timeout=REQUEST_TIMEOUT, trust_env=False
            ) as client:
                response = await client.request(
                    method, path, json=body, headers=headers, params=parameters
                )
            if response.status_code == httpx2.codes.NOT_FOUND and method == "GET":
                return None
            if response.is_client_error:
                raise Declined(str(response.json()["error"]))
            return response.raise_for_status().content
        except httpx2.HTTPError as error:
            raise NoResponse(type(error).__name__) from None

    def _start(self) -> None:
        self.close()
        self._process = subprocess.Popen(
            [sys.executable, str(SERVER)],
            stdin=subprocess.PIPE,  # the provider exits when this closes, even if we are killed
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,  # Ctrl-C is for the worker, which finishes its calls first
        )
        self._url = self._process.stdout.readline().strip() if self._process.stdout else ""
        if not self._url:
            raise ConnectionError("the local provider did not start; see its error above")


class LocalPayments:
    """Charges accounts at the local provider (`PaymentProvider`)."""

    def __init__(self, server: LocalServer) -> None:
        self._server = server

    async def charge(self, key: str, intent: Intent, reference: str) -> str:
        """Charge an account, once for each key; return the receipt. Raises Declined."""
        body = {"account": intent.account, "cents": intent.cents, "reference": reference}
        return _receipt(await self._server.request("POST", "/charges", body={**body}, key=key))

    async def find(self, key: str) -> str | None:
        """Return the receipt of the charge with a key, or None if there is no such charge."""
        found = await self._server.request("GET", f"/charges/{key}")
        return None if found is None else _receipt(found)

    async def statement(self, reference: str) -> list[Receipt]:
        """Return the charges with a reference, at most 1,000."""
        found = await self._server.request("GET", "/charges", reference=reference)
        return STATEMENT.validate_json(found or b"[]")


class LocalBookings:
    """Books offers at the local provider, and cancels bookings."""

    def __init__(self, server: LocalServer) -> None:
        self._server = server

    async def offers(self, city: str) -> list[str]:
        """Return the ids of the offers in a city; none if it is unknown."""
        return LINES.validate_json(await self._server.request("GET", "/offers", city=city) or b"[]")

    async def book(self, key: str, offer: str, reference: str) -> str:
        """Book an offer, once for each key; return the receipt.

        Raises:
            Declined: There is no such offer, it is sold out, or the key was cancelled.
        """
        body: dict[str, object] = {"offer": offer, "reference": reference}
        return _receipt(await self._server.request("PUT", f"/bookings/{key}", body=body))

    async def cancel(self, key: str, reference: str) -> bool:
        """Cancel the booking with a key, once; return whether there was one.

        Afterwards, the key can book nothing: a request to book that arrives later is refused.

        Raises:
            Declined: The booking cannot be cancelled.
        """
        found = await self._server.request("DELETE", f"/bookings/{key}", reference=reference)
        return Cancellation.model_validate_json(found or b"").was_booked

    async def statement(self, reference: str) -> list[str]:
        """Return the bookings and cancellations with a reference, in order, at most 1,000."""
        found = await self._server.request("GET", "/bookings", reference=reference)
        return LINES.validate_json(found or b"[]")


def _receipt(response: bytes | None) -> str:
    return Receipt.model_validate_json(response or b"").receipt


def payment_provider(server: LocalServer) -> PaymentProvider:
    """Return Stripe if `STRIPE_API_KEY` is set, otherwise the local provider.

    Raises:
        typer.BadParameter: The key is not one of Stripe's test mode.
    """
    key = os.environ.get("STRIPE_API_KEY", "").strip()
    if not key:
        return LocalPayments(server)
    from side_effects.stripe_payments import StripePayments  # the import takes 0.25 s

    return StripePayments(key)
