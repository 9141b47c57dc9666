"""Scripted answers for human_in_the_loop/."""

import re

from offline_model.model_reply import Reply, call, call_all, say
from offline_model.model_request import ModelRequest

PRICES = {"1001": 2000, "1002": 48000, "1003": 12500}


def clerk(request: ModelRequest) -> Reply | None:
    """Refund the orders and issue the voucher, then write to the customer, then report."""
    if "requests about a shop's orders" not in request.instructions:
        return None
    orders = [order for order in re.findall(r"\b\d{4}\b", request.user_text) if order in PRICES]
    percent = re.search(r"(\d+) ?%", request.user_text)
    calls = []
    if request.can_call("refund"):
        calls += [call("refund", order_id=order, cents=PRICES[order]) for order in orders]
    if percent and request.can_call("issue_voucher"):
        calls.append(call("issue_voucher", percent=int(percent[1])))
    if calls:
        return call_all(*calls)
    results = [text for texts in request.tool_results.values() for text in texts]
    address = re.search(r"\S+@[\w.-]+\w", request.user_text)
    if address and request.can_call("write_to_customer"):
        done = re.findall(r"(?:Refunded|Voucher) .*?[a-z0-9]\.(?= |$)", " ".join(results))
        return call("write_to_customer", input=f"To {address[0]}: {' '.join(done)}")
    changed = re.compile(r"A person changed the arguments to .*? Result: ")
    return say(" ".join(changed.sub("", text) for text in results)) if results else None


def correspondent(request: ModelRequest) -> Reply | None:
    """Send the email, and report."""
    if "Write the email that you are asked for" not in request.instructions:
        return None
    if results := request.tool_results.get("send_email"):
        return say(results[-1])
    asked = re.fullmatch(r"To (\S+): (.*)", request.user_text, re.DOTALL)
    if not asked or not request.can_call("send_email"):
        return None
    body = f"Hello! We are sorry about your order. {asked[2]}"
    return call("send_email", recipient=asked[1], subject="Your order", body=body)


RULES = [clerk, correspondent]
