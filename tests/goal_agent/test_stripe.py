"""Invoices with Stripe, against a fake server that honors idempotency keys."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
import stripe
from pydantic_core import to_json
from temporalio.exceptions import ApplicationError

from goal_agent.toolbox.invoices import CreateInvoice

INVOICE = CreateInvoice.model_validate(
    {"email": "a@b.org", "amount": "65.77", "description": "Flight"}
)


class FakeStripe:
    """Responds to requests; a repeated key gets the first response again."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str]] = []
        self.made: dict[str, dict[str, str]] = {}
        self.error: tuple[int, str] | None = None

    def answer(self, path: str, body: str, key: str) -> tuple[int, object]:
        self.requests.append((path, body))
        if self.error:
            status, kind = self.error
            return status, {"error": {"type": kind, "message": "Bad sk_test_123"}}
        kind = path.split("/")[2]
        made = {"id": f"{kind}_{len(self.made)}", "object": kind.rstrip("s"), "number": "F-1"}
        return 200, self.made.setdefault(key, made)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeStripe]:
    fake = FakeStripe()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            status, answer = fake.answer(self.path, body, self.headers["Idempotency-Key"])
            self.send_response(status)
            self.end_headers()
            self.wfile.write(to_json(answer))

        def log_message(self, format: str, *args: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = Thread(target=running.serve_forever)
        thread.start()
        monkeypatch.setenv("STRIPE_API_KEY", "sk_test_123")
        monkeypatch.setenv("STRIPE_API_BASE", f"http://127.0.0.1:{running.server_port}")
        try:
            yield fake
        finally:
            running.shutdown()
            thread.join()


async def test_second_attempt_creates_nothing_new(server: FakeStripe) -> None:
    first = await INVOICE.run("conversation/step")
    assert first == "Invoice F-1 for 65.77 EUR was created for a@b.org."
    made = dict(server.made)
    assert [path.split("/")[2] for path, _ in server.requests] == [
        *("customers", "invoices", "invoiceitems", "invoices", "invoices")
    ]
    assert "amount=6577" in server.requests[2][1]
    assert await INVOICE.run("conversation/step") == first
    assert server.made == made
    await INVOICE.run("conversation/other")
    assert len(server.made) == 2 * len(made)


@pytest.mark.parametrize(
    ("status", "type"), [(401, "AuthenticationError"), (400, "InvalidRequestError")]
)
async def test_permanent_stripe_error_is_non_retryable(
    server: FakeStripe, status: int, type: str
) -> None:
    server.error = (status, "invalid_request_error")
    with pytest.raises(ApplicationError) as failure:
        await INVOICE.run("key")
    assert (failure.value.type, failure.value.non_retryable) == (type, True)
    assert len(server.requests) == 1
    assert status != 401 or "sk_test" not in failure.value.message


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_transient_stripe_error_is_left_to_temporal(server: FakeStripe, status: int) -> None:
    server.error = (status, "api_error")
    with pytest.raises(stripe.StripeError):
        await INVOICE.run("key")
    assert len(server.requests) == 1, "the client retries as well"
