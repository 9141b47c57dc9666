"""Scripted answers for failures/."""

from offline_model.model_reply import Reply, call, say
from offline_model.model_request import ModelRequest

# Money, side effects, cancellation, and size.


def charge_once(request: ModelRequest) -> Reply | None:
    """Charge the card, and report the result."""
    if "charge_card" not in request.tools:
        return None
    results = request.tool_results.get("charge_card")
    return say(f"Done: {results[0]}.") if results else call("charge_card", cents=1_000)


def charge_again_if_unknown(request: ModelRequest) -> Reply | None:
    """Charge the customer. If the outcome is unknown, try again in other words, once."""
    if "charge_customer" not in request.tools:
        return None
    results = request.tool_results.get("charge_customer", [])
    if not results:
        return call("charge_customer", amount="10 euros")
    if len(results) == 1 and "unknown" in results[0]:
        return call("charge_customer", amount="10.00 EUR")
    return say(f"Done: {results[-1]}.")


def send_newsletter(request: ModelRequest) -> Reply | None:
    """Send the newsletter, and report the result."""
    if "send_newsletter" not in request.tools:
        return None
    results = request.tool_results.get("send_newsletter")
    return say(results[0]) if results else call("send_newsletter", subject="News")


def read_pages(request: ModelRequest) -> Reply | None:
    """Read the pages in order, as many as the user names."""
    if "read_page" not in request.tools:
        return None
    pages = len(request.tool_results.get("read_page", []))
    wanted = int("".join(filter(str.isdigit, request.user_text)) or 1)
    return call("read_page", number=pages + 1) if pages < wanted else say(f"I read {pages} pages.")


RULES = [charge_once, charge_again_if_unknown, send_newsletter, read_pages]
