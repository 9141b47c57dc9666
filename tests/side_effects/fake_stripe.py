"""A local server that behaves like Stripe's API of PaymentIntents, as far as payments need it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from urllib.parse import parse_qs, urlsplit

from pydantic_core import to_json

KEY = "sk_test_never_to_be_recorded"
Answer = tuple[int, dict[str, object]]
DECLINED = {"type": "card_error", "code": "card_declined", "message": "Your card was declined."}


class FakeStripe:
    """Honors idempotency keys, as Stripe does for a day; `forget_keys` ends that day.

    Attributes:
        url: Its address.
        requests: Method and path of each request.
        payments: The PaymentIntents that were created.
        errors: What the next requests are answered with.
        lost: How many of the next charges are made without an answer in time.
        status: The status of the next payments.
        is_indexed: Whether searches find payments.
    """

    def __init__(self) -> None:
        self.url = ""
        self.requests: list[str] = []
        self.payments: list[dict[str, object]] = []
        self.errors: list[Answer] = []
        self.lost, self.is_indexed, self.status = 0, True, "succeeded"
        self.ended = Event()
        self._answers: dict[str, Answer] = {}

    def forget_keys(self) -> None:
        self._answers.clear()

    def answer(self, method: str, target: str, body: str, headers: dict[str, str]) -> Answer:
        url = urlsplit(target)
        self.requests.append(f"{method} {url.path}")
        if headers.get("authorization") != f"Bearer {KEY}":
            return 401, {"error": {"type": "x", "message": "Invalid API Key: sk_test_nev****"}}
        if self.errors:
            return self.errors.pop(0)
        if method == "POST":
            return self._charge(parse_qs(body), headers["idempotency-key"])
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        newest_first = self.payments[::-1]
        if search := query.get("query"):
            key = search.removeprefix("metadata['effect_key']:'").removesuffix("'")
            found = [p for p in newest_first if key in str(p) and self.is_indexed]
        else:
            since = int(query["created[gte]"])
            found = [p for p in newest_first if int(str(p["created"])) >= since]
        kind = "search_result" if search else "list"
        return 200, {"object": kind, "data": found, "has_more": False, "url": url.path}

    def _charge(self, form: dict[str, list[str]], key: str) -> Answer:
        if key in self._answers:
            return self._answers[key]
        if form["payment_method"] == ["pm_card_visa_chargeDeclined"]:
            answer: Answer = 402, {"error": DECLINED}
        else:
            names = ("effect_key", "reference")
            payment = {
                "id": f"pi_{len(self.payments) + 1}",
                "object": "payment_intent",
                "amount": int(form["amount"][0]),
                "status": self.status,
                "created": int(time.time()),
                "metadata": {name: form[f"metadata[{name}]"][0] for name in names},
            }
            self.payments.append(payment)
            answer = 200, payment
        self._answers[key] = answer
        if self.lost:
            self.lost -= 1
            self.ended.wait(5)
        return answer


@contextmanager
def fake_stripe() -> Iterator[FakeStripe]:
    """Serve on a free port."""
    fake = FakeStripe()

    class Handler(BaseHTTPRequestHandler):
        def respond(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, answer = fake.answer(self.command, self.path, body, headers)
            if fake.ended.is_set():
                return
            self.send_response(status)
            self.end_headers()
            self.wfile.write(to_json(answer))

        do_GET = do_POST = respond

        def log_message(self, format: str, *args: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        fake.url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield fake
        finally:
            fake.ended.set()
            server.shutdown()
            thread.join()
