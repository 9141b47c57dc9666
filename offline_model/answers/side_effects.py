"""Scripted answers for side_effects/."""

import re

from offline_model.json_text import text_of
from offline_model.model_reply import Reply, call, obj, say
from offline_model.model_request import ModelRequest

PAYMENT = re.compile(r"((?!Pay )[A-Z]\w+(?: [A-Z]\w+)*) (\d+(?:\.\d+)?)")
MAX_CALLS = 12


def payments(request: ModelRequest) -> Reply | None:
    """Make each payment; find out its outcome in other words; ask to pay a second time."""
    wanted = PAYMENT.findall(request.user_text)
    if "pay" not in request.tools or not wanted:
        return None
    done, unknown, repeated = list[str](), False, False
    names = {item["call_id"]: item["name"] for item in request.turn if "name" in item}
    results = [item for item in request.turn if item.get("type") == "function_call_output"]
    for item in results:
        text = text_of(item["output"])
        repeated = names[item["call_id"]] == "pay" and "paid before" in text and not unknown
        unknown = "unknown outcome" in text
        if not unknown and not repeated:
            text = text.removeprefix("was not done: ").partition(";")[0]
            done.append(text.strip(".") + ".")
    if len(done) == len(wanted) or len(results) >= MAX_CALLS:
        return say(" ".join(done))
    name, amount = wanted[len(done)]
    if unknown:
        return call("pay", amount=f"{float(amount):.2f} EUR", recipient=name.upper())
    if repeated:
        reason = "The request names this payment twice."
        return call("request_second_payment", recipient=name, amount=amount, reason=reason)
    return call("pay", recipient=name, amount=amount)


TRIP_ITEM = re.compile(r"\b(flight|hotel|car)\b", re.IGNORECASE)
TRIP_CITY = re.compile(r"\bin ([A-Z]\w+)")
MAX_BOOKING_CALLS = 2  # for an offer whose outcome is unknown


def trips(request: ModelRequest) -> Reply | None:
    """Book each part of a trip, one after the other; give up if one cannot be booked."""
    wanted = [item.upper() for item in TRIP_ITEM.findall(request.user_text)]
    city = TRIP_CITY.search(request.user_text)
    if not {"find_offers", "book"} <= set(request.tools) or not wanted or not city:
        return None
    results = [text_of(item["output"]) for item in request.turn if "output" in item]
    if not results:
        return call("find_offers", city=city[1])
    found = dict(offer.partition("-")[::2] for offer in results[0].split(", "))
    if not found.keys() >= {*wanted}:
        return trip_answer(False, f"In {city[1]}, there are no offers for this.")
    booked = [text.partition(",")[0] for text in results if "is booked" in text]
    if len(booked) == len(wanted):
        return trip_answer(True, f"{', and '.join(booked)}.")
    last, offer = results[-1], f"{wanted[len(booked)]}-{found[wanted[len(booked)]]}"
    if last.startswith("was not done: "):
        reason = last.removeprefix("was not done: ")
        return trip_answer(False, f"The trip is not booked: {reason}.")
    if sum("unknown outcome" in text for text in results) >= MAX_BOOKING_CALLS:
        return trip_answer(False, f"It cannot be found out whether {offer} is booked.")
    return call("book", offer=offer)


def trip_answer(is_complete: bool, message: str) -> Reply:
    """Answer with the result of a trip."""
    return obj({"is_complete": is_complete, "message": message})


RULES = [payments, trips]
