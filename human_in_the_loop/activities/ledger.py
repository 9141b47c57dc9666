"""Refunds and outgoing emails, in a SQLite file: one row for each call, however often it runs."""

import asyncio
import csv
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Annotated

from pydantic import Field
from temporalio import activity
from temporalio.exceptions import ApplicationError

DATA = Path(__file__).parent.parent / "data"
LOCK_TIMEOUT = 20  # seconds
TABLES = (
    """CREATE TABLE IF NOT EXISTS refunds (
        key TEXT PRIMARY KEY, order_id TEXT NOT NULL, cents INTEGER NOT NULL
    )""",
    """CREATE TABLE IF NOT EXISTS outbox (
        key TEXT PRIMARY KEY, recipient TEXT NOT NULL, subject TEXT NOT NULL, body TEXT NOT NULL
    )""",
)


class Refused(ApplicationError):
    """The ledger rejects the refund. Non-retryable."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, type=Refused.__name__, non_retryable=True)


@activity.defn
async def refund(order_id: str, cents: Annotated[int, Field(gt=0, le=10_000_000)]) -> str:
    """Refund all or part of an order's price.

    Args:
        order_id: The number of the order.
        cents: The amount, in euro cents.
    """
    return await asyncio.to_thread(_refund, _call_key(), order_id, cents)


@activity.defn
async def send_email(
    recipient: Annotated[str, Field(max_length=200)],
    subject: Annotated[str, Field(max_length=200)],
    body: Annotated[str, Field(max_length=5_000)],
) -> str:
    """Queue an email in the outbox, from which a mail server takes it.

    Args:
        recipient: The email address.
        subject: The subject.
        body: The text.
    """
    return await asyncio.to_thread(_send, _call_key(), recipient, subject, body)


def _call_key() -> str:
    """Return the idempotency key of this call: the same for every attempt."""
    info = activity.info()
    return f"{info.workflow_id}/{info.workflow_run_id}/{info.activity_id}"


def _refund(key: str, order_id: str, cents: int) -> str:
    with (DATA / "orders.csv").open(encoding="utf-8", newline="") as file:
        prices = {row["order_id"]: int(row["cents"]) for row in csv.DictReader(file)}
    if order_id not in prices:
        raise Refused(f"there is no order {order_id!r}; known orders: {', '.join(prices)}")
    if cents > prices[order_id]:
        raise Refused(f"order {order_id} cost {prices[order_id]} cents, not {cents}")
    _add("INSERT OR IGNORE INTO refunds VALUES (?, ?, ?)", (key, order_id, cents))
    return f"Refunded EUR {cents / 100:.2f} for order {order_id}."


def _send(key: str, recipient: str, subject: str, body: str) -> str:
    _add("INSERT OR IGNORE INTO outbox VALUES (?, ?, ?, ?)", (key, recipient, subject, body))
    return f"The email to {recipient} is in the outbox."


def _add(statement: str, row: tuple[str | int, ...]) -> None:
    path = os.environ.get("LEDGER") or DATA / "ledger.db"
    with closing(sqlite3.connect(path, timeout=LOCK_TIMEOUT)) as ledger, ledger:
        for table in TABLES:
            ledger.execute(table)
        ledger.execute(statement, row)
