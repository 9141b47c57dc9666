"""Scripted answers for encryption/."""

import re

from offline_model.model_reply import Reply, call, say
from offline_model.model_request import ModelRequest


def bank_clerk(request: ModelRequest) -> Reply | None:
    """List the payments of the account in the question, and report them."""
    found = re.search(r"\b[A-Z]{2}\d{2}[\dA-Z ]+", request.user_text)
    if found and request.can_call("list_payments"):
        return call("list_payments", iban=found[0])
    return next(map(say, request.tool_results.get("list_payments", [])), None)


RULES = [bank_clerk]
