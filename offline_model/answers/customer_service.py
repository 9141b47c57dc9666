"""Scripted answers for customer_service/."""

import re

from offline_model.model_reply import Reply, call, say
from offline_model.model_request import ModelRequest

SEAT_WORDS = r"\bseats?\b|\bsit\b|\bwindow\b|\baisle\b"
FAQ_WORDS = (
    r"\bbags?\b|baggage|luggage|suitcase|carry-?on|wi-?fi|internet|\bplane|aircraft|legroom"
    r"|check-?in|boarding|\bgate\b|\bpets?\b|\bdogs?\b|\bcats?\b|\bmeals?\b|\bfood|vegetarian"
)
PERSON_WORDS = r"\bhuman\b|\bperson\b|\bcomplain|\bmanager\b|\bangry\b|unacceptable"
BOOKING = r"\b(?=[A-Z0-9]*\d)(?=[A-Z0-9]*[A-Z])[A-Z0-9]{6}\b"
SEAT = r"\b\d{1,2}[A-Fa-f]\b"


def _wants(seen: ModelRequest, pattern: str) -> bool:
    return bool(re.search(pattern, seen.user_text, re.IGNORECASE))


def escalation(seen: ModelRequest) -> Reply | None:
    """Escalate when the customer asks for a person or is angry, and report the result."""
    if "escalate_to_human" not in seen.tools:
        return None
    if results := seen.tool_results.get("escalate_to_human"):
        return say(f"I am sorry for the trouble. {results[0]}")
    if _wants(seen, PERSON_WORDS) and seen.can_call("escalate_to_human"):
        return call("escalate_to_human", reason=seen.user_text)
    return None


def triage(seen: ModelRequest) -> Reply | None:
    """Hand off by topic; greet if the message has none."""
    if "first to talk to customers of an airline" not in seen.instructions:
        return None
    if _wants(seen, FAQ_WORDS) and seen.can_call("transfer_to_faq_agent"):
        return call("transfer_to_faq_agent")
    if _wants(seen, f"{SEAT_WORDS}|{SEAT}") and seen.can_call("transfer_to_seat_booking_agent"):
        return call("transfer_to_seat_booking_agent")
    if _wants(seen, r"\bthank|\bbye\b"):
        return say("You are welcome. Have a good flight!")
    return say("I can answer questions about your flight, change your seat, or call a person.")


def faq(seen: ModelRequest) -> Reply | None:
    """Look up frequently asked questions; hand everything else off to triage."""
    if "frequently asked questions of an airline's customers" not in seen.instructions:
        return None
    if found := seen.tool_results.get("faq_lookup"):
        return say(found[0])
    if _wants(seen, FAQ_WORDS) and seen.can_call("faq_lookup"):
        return call("faq_lookup", question=seen.user_text)
    if seen.can_call("transfer_to_triage_agent"):
        return call("transfer_to_triage_agent")
    return say("I have no answer to that. I can help with bags, wifi, check-in, pets and meals.")


def seat(seen: ModelRequest) -> Reply | None:
    """Change a seat once confirmation number and seat are known; ask for the missing one."""
    if "You move passengers to other seats" not in seen.instructions:
        return None
    if changed := seen.tool_results.get("update_seat"):
        return say(changed[0])
    booked = re.search(BOOKING, seen.user_text)
    known = re.search(r"confirmation number ([A-Z0-9]{6})\b", seen.instructions)
    booking = booked[0] if booked else known and known[1]
    wished = re.search(SEAT, seen.user_text)
    if not (booked or wished or _wants(seen, SEAT_WORDS)):
        back = "transfer_to_triage_agent"
        return call(back) if seen.can_call(back) else say("Which seat would you like?")
    if booking and wished and seen.can_call("update_seat"):
        return call("update_seat", confirmation_number=booking, new_seat=wished[0].upper())
    if booking:
        return say("Which seat would you like, 12A for example?")
    return say("What is your confirmation number, and which seat would you like?")


def summary(seen: ModelRequest) -> Reply | None:
    """Sum up the number of messages and the outcome."""
    if "Sum up in one or two sentences what an airline's customer" not in seen.instructions:
        return None
    asked = re.findall(r"^User: (.+)$", seen.user_text, re.MULTILINE)
    booked = re.findall(r"^Seat booking agent: (Seat .+)$", seen.user_text, re.MULTILINE)
    count = f"{len(asked)} messages" if asked[1:] else "one message"
    outcome = booked[-1] if booked else "No seat was changed."
    person = " A person was called." if "uses escalate_to_human)" in seen.user_text else ""
    return say(f"The customer wrote {count}. {outcome}{person}")


RULES = [escalation, triage, faq, seat, summary]
