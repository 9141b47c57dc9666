"""A local payment provider: it keeps a ledger, honors idempotency keys, and fails like real ones.

It is a process of its own with an HTTP API. As with the test cards of a payment API, the account
determines what happens: `acct_late` is charged, but all responses about the charge take 5 s;
`acct_crash` is charged, and the provider dies before it responds; `acct_declined` is refused.
"""

import asyncio
import os
import sys
import threading
import time

import uvicorn
from pydantic import BaseModel, Field, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from side_effects import booking_api
from side_effects.provider_ledger import open_ledger

SLOW_FOR = 5.0  # seconds

TABLE = """
    CREATE TABLE IF NOT EXISTS charges (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        key TEXT NOT NULL UNIQUE,
        account TEXT NOT NULL,
        cents INTEGER NOT NULL,
        reference TEXT NOT NULL,
        at REAL NOT NULL
    )
"""
ADD = "INSERT OR IGNORE INTO charges (key, account, cents, reference, at) VALUES (?, ?, ?, ?, ?)"
FIND = "SELECT number, account, cents, reference, at FROM charges WHERE key = ?"
LIST = "SELECT number, cents FROM charges WHERE reference = ? ORDER BY number LIMIT 1000"


class Charge(BaseModel):
    """The body of a request for a charge."""

    account: str = Field(pattern=r"^acct_\w{1,50}$")
    cents: int = Field(gt=0, le=100_000_000)
    reference: str = Field(max_length=500)


async def charge(request: Request) -> JSONResponse:
    """Charge an account once for each idempotency key."""
    key = request.headers.get("idempotency-key", "")
    try:
        body = Charge.model_validate_json(await request.body())
    except ValidationError as error:
        return JSONResponse({"error": str(error)}, 400)
    if not 0 < len(key) <= 255:
        return JSONResponse({"error": "Idempotency-Key must have 1 to 255 characters"}, 400)
    if body.account == "acct_declined":
        return JSONResponse({"error": "the account was declined"}, 402)
    values = body.account, body.cents, body.reference
    with open_ledger(TABLE) as ledger:
        is_new = ledger.execute(ADD, (key, *values, time.time())).rowcount == 1
    if is_new and body.account == "acct_crash":
        os._exit(1)
    _, *stored = await _find(key) or ("",)
    if tuple(stored) != values:
        return JSONResponse({"error": "the idempotency key was used for another charge"}, 409)
    return await find(request, key)


async def find(request: Request, key: str = "") -> JSONResponse:
    """Return the receipt of the charge with a key; 404 if there is none."""
    found = await _find(key or request.path_params["key"])
    return JSONResponse(
        {"receipt": found[0]} if found else {"error": "none"}, 200 if found else 404
    )


async def statement(request: Request) -> JSONResponse:
    """Return the charges with a reference."""
    with open_ledger(TABLE) as ledger:
        rows = ledger.execute(LIST, (request.query_params.get("reference", ""),)).fetchall()
    return JSONResponse([{"receipt": _receipt(number), "cents": cents} for number, cents in rows])


async def _find(key: str) -> tuple[str, str, int, str] | None:
    """Return receipt, account, cents, and reference of a charge; late for a slow account."""
    with open_ledger(TABLE) as ledger:
        row = ledger.execute(FIND, (key,)).fetchone()
    if row is None:
        return None
    number, account, cents, reference, at = row
    if account == "acct_late":
        await asyncio.sleep(max(0.0, at + SLOW_FOR - time.time()))
    return _receipt(number), account, cents, reference


def _receipt(number: int) -> str:
    return f"R-{number:04}"


app = Starlette(
    routes=[
        Route("/charges", charge, methods=["POST"]),
        Route("/charges", statement),
        Route("/charges/{key}", find),
        *booking_api.ROUTES,
    ]
)


def _exit_with_parent() -> None:
    sys.stdin.read()
    os._exit(0)


def main() -> None:
    """Serve on a free port, print the URL, and exit when standard input closes."""
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    config = uvicorn.Config(app, port=0, log_level="warning")
    listener = config.bind_socket()
    listener.listen()  # requests that arrive before the server is up wait
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
