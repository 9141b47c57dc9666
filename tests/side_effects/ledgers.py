"""Reads the provider's ledger, and builds models that pay."""

import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

from agents.items import TResponseOutputItem as Call
from agents.testing import ScriptedModel, assistant_message, function_call


def charges(ledger: Path) -> Counter[tuple[str, int]]:
    """Return how often the provider charged each account and amount in cents."""
    if not ledger.exists():
        return Counter()
    with closing(sqlite3.connect(ledger)) as connection:
        return Counter(connection.execute("SELECT account, cents FROM charges").fetchall())


def pay(call_id: str, recipient: str, amount: str) -> Call:
    """Return a call of the tool `pay`."""
    return function_call("pay", {"recipient": recipient, "amount": amount}, call_id=call_id)


def pay_again(call_id: str, recipient: str, amount: str) -> Call:
    """Return a call of the tool `request_second_payment`."""
    arguments = {"recipient": recipient, "amount": amount, "reason": "Dinner."}
    return function_call("request_second_payment", arguments, call_id=call_id)


def model_that_calls(*turns: Call | list[Call]) -> ScriptedModel:
    """Return a model that makes calls turn by turn, each a call or a list of calls, then ends."""
    steps = [turn if isinstance(turn, list) else [turn] for turn in turns]
    return ScriptedModel([*steps, [assistant_message("Done.")]])
