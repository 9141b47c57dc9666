"""Scripted answers for long_runs/."""

import re

from offline_model.model_reply import Reply, call, call_all, say
from offline_model.model_request import ModelRequest

REPORT = re.compile(r"Inspection report (\d+)\.")
URGENT = "Verdict: urgent"


def read_reports(request: ModelRequest) -> Reply | None:
    """Read the reports in order, deal with urgent ones, and then answer from all of them."""
    if "read_report" not in request.tools:
        return None
    last = int(re.findall(r"\d+", request.user_text)[-1])
    reports = request.tool_results.get("read_report", [])
    urgent = [REPORT.findall(text)[0] for text in reports if URGENT in text]
    noted = len(request.tool_results.get("note_urgent", []))
    if "note_urgent" in request.tools and noted < len(urgent):
        number = int(urgent[noted])
        question = f"Which load may the bridge of report {number} carry?"
        return call_all(call("note_urgent", number=number), call("ask_engineer", input=question))
    if len(reports) < last:
        return call("read_report", number=len(reports) + 1)
    return say(f"I read {len(reports)} reports. Urgent: {', '.join(urgent) or 'none'}.")


def hand_off_inspection(request: ModelRequest) -> Reply | None:
    """Hand off to the inspector."""
    return call("transfer_to_inspector") if request.can_call("transfer_to_inspector") else None


def state_load(request: ModelRequest) -> Reply | None:
    """Look up the load of a bridge, and state it."""
    if "look_up_load" not in request.tools:
        return None
    if found := request.tool_results.get("look_up_load"):
        return say(found[0])
    return call("look_up_load", number=int(re.findall(r"\d+", request.user_text)[-1]))


RULES = [read_reports, hand_off_inspection, state_load]
